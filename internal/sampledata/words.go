package sampledata

// shelf is a category: what it is called, what stands on it, how that is packed, and its prices in steps of 5 cents.
type shelf struct {
	name, description   string
	goods               []string
	packs               []string // with %d for the number of pieces
	priceLow, priceHigh int
}

// shelves hold 77 kinds of goods together.
var shelves = []shelf{
	{
		"Beverages", "What one drinks, hot or cold: coffee, tea, juice, beer and wine",
		[]string{"Breakfast Tea", "Filter Coffee", "Pale Ale", "Stout", "Cider", "Apple Juice", "Ginger Beer", "Elderflower Cordial", "Red Wine", "White Wine", "Herb Liqueur", "Spring Water"},
		[]string{"%d bottles of 500 ml", "%d cans of 330 ml", "%d boxes of 20 bags", "%d bottles of 750 ml"},
		60, 950,
	},
	{
		"Condiments", "What goes on top: sauces, relishes, oils, spreads and spices",
		[]string{"Tomato Sauce", "Pepper Sauce", "Plum Chutney", "Mustard", "Olive Oil", "Walnut Oil", "Cider Vinegar", "Sea Salt", "Curry Powder", "Horseradish", "Berry Spread", "Maple Syrup"},
		[]string{"%d jars of 240 g", "%d bottles of 250 ml", "%d tins of 100 g"},
		180, 900,
	},
	{
		"Confections", "Sweet things: chocolate, biscuits, cakes and candy",
		[]string{"Dark Chocolate", "Nougat", "Toffee", "Shortbread", "Ginger Biscuits", "Almond Cake", "Marzipan", "Liquorice", "Wafers", "Fruit Jellies", "Honey Cake", "Oat Cookies", "Pralines"},
		[]string{"%d boxes of 12 pieces", "%d bars of 100 g", "%d bags of 250 g"},
		140, 1700,
	},
	{
		"Dairy Products", "From milk: cheese, butter, yoghurt and cream",
		[]string{"Goat Cheese", "Blue Cheese", "Mountain Cheese", "Smoked Cheese", "Fresh Cheese", "Salted Butter", "Yoghurt", "Sour Cream", "Curd", "Buttermilk"},
		[]string{"%d packs of 500 g", "%d rounds of 200 g", "%d pots of 150 g"},
		50, 1100,
	},
	{
		"Grains/Cereals", "From the field: bread, pasta, flakes and flour",
		[]string{"Rye Bread", "Crispbread", "Ribbon Pasta", "Dumplings", "Oat Flakes", "Semolina", "Buckwheat Flour"},
		[]string{"%d packs of 500 g", "%d bags of 1 kg", "%d boxes of 250 g"},
		140, 760,
	},
	{
		"Meat/Poultry", "Prepared meat and poultry",
		[]string{"Cured Ham", "Duck Breast", "Beef Jerky", "Turkey Roll", "Lamb Sausage", "Venison Pie"},
		[]string{"%d packs of 1 kg", "%d tins of 400 g", "%d pieces of 800 g"},
		150, 2400,
	},
	{
		"Produce", "Fruit, vegetables and pulses, dried, pickled or fresh",
		[]string{"Dried Pears", "Pickled Cabbage", "Bean Curd", "Chickpeas", "Apple Rings"},
		[]string{"%d packs of 300 g", "%d bags of 500 g", "%d jars of 700 g"},
		200, 1060,
	},
	{
		"Seafood", "From the water: fish, shellfish and seaweed",
		[]string{"Herring", "Smoked Eel", "Crab Meat", "Salmon Fillet", "Mussels", "Squid Rings", "Sardines", "Seaweed", "Clam Chowder", "Cod Roe", "Mackerel", "Shrimp Paste"},
		[]string{"%d tins of 150 g", "%d jars of 200 g", "%d packs of 500 g"},
		120, 1250,
	},
}

var adjectives = []string{
	"Old Harbour", "Hillside", "Blue Door", "Millstone", "Grandmother's", "Lighthouse", "Red Barn", "Three Rivers", "Quiet Valley",
	"North Wind", "Copper Kettle", "Long Meadow", "White Gate", "Early Bird", "Foxglove", "Stonebridge", "Silver Birch", "Market Day",
}

var carriers = []string{"Swift & Sons", "Parcel Bridge", "Harbour Line"}

var quarters = []string{"Eastern", "Western", "Northern", "Southern"}

var titles = []string{
	"Owner", "Owner and Buyer", "Sales Agent", "Sales Associate", "Sales Manager", "Sales Representative", "Marketing Manager",
	"Marketing Assistant", "Accounting Manager", "Order Administrator", "Purchasing Manager", "Export Administrator",
}

var firmNames = []string{
	"%s Provisions", "%s & Daughters", "The %s Pantry", "%s Grocers", "Casa %s", "%s Food Hall", "%s Imports", "Bistro %s", "%s Trading",
	"%s's Corner", "Maison %s", "%s Delicatessen", "Hotel %s", "%s Wholesale",
}

var makerNames = []string{
	"%s Farms", "%s Brewery", "%s Dairy", "%s Bakery", "%s Fisheries", "%s Orchards", "%s Confectioners", "%s Spice Works", "%s Cellars",
}

var streets = []string{
	"Harbour Road", "Mill Lane", "Station Street", "Castle Hill", "Market Square", "Linden Avenue", "Bridge Street", "Orchard Way",
	"Church Row", "Riverside", "Garden Close", "Old Post Road", "Meadow Park", "Tower Street", "Canal Walk", "Fountain Place",
}

var firstNames = []string{
	"Ada", "Bruno", "Carla", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lars", "Mira", "Nuno", "Olga", "Pavel",
	"Quentin", "Rosa", "Stefan", "Tamar", "Ulla", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoe", "Amara", "Bjarne", "Chiara", "Dara", "Emre",
	"Freya", "Goran", "Hana", "Ivo", "Jarek", "Keiko", "Leila", "Mateo", "Noor",
}

// surnames outnumber the firms: each firm is called after another family.
var surnames = []string{
	"Abbott", "Adeyemi", "Ahlgren", "Albrecht", "Almeida", "Andrade", "Archer", "Aubert", "Baldwin", "Barros", "Becker", "Bellini", "Bergman",
	"Bianchi", "Blanchard", "Bogdan", "Borges", "Brandt", "Brennan", "Brunner", "Caldwell", "Cardoso", "Castellan", "Chandler", "Chevalier",
	"Colombo", "Conway", "Corbin", "Costa", "Dahl", "Dalton", "Delgado", "Dietrich", "Donati", "Doyle", "Dubois", "Dvorak", "Eklund",
	"Ellis", "Engel", "Espinoza", "Fabre", "Falk", "Farkas", "Ferraro", "Finch", "Fischer", "Fontaine", "Forsberg", "Gallagher", "Garnier",
	"Gibson", "Girard", "Gonzaga", "Greco", "Gruber", "Haas", "Hagen", "Halloran", "Hansson", "Harper", "Hawkins", "Heller", "Hoffman",
	"Holm", "Horvath", "Ibarra", "Ivanov", "Jansen", "Jokinen", "Kaminski", "Keller", "Kimura", "Klein", "Kovacs", "Kruger", "Lambert",
	"Larsen", "Laurent", "Leclerc", "Lindqvist", "Lombardi", "Lopes", "Lundgren", "Marchetti", "Marino", "Martel", "Mendes", "Mercier",
	"Meyer", "Moreau", "Moretti", "Nakamura", "Navarro", "Nilsson", "Novak", "Okafor", "Olsen", "Ortega", "Palmer", "Pereira", "Petit",
	"Pinto", "Quinn", "Ramos", "Renard", "Ricci", "Rossi", "Salazar", "Santoro", "Schmidt", "Schneider", "Silva", "Sorensen", "Tanaka",
	"Teixeira", "Thorsen", "Torres", "Vance", "Varga", "Vasquez", "Vogel", "Wagner", "Walsh", "Weber", "Whitfield", "Winter", "Yamada",
	"Zanetti", "Ziegler",
}

// staff are the nine who work here.
var staff = []struct{ last, first, title, note string }{
	{"Okonjo", "Tessa", "Sales Representative", "Began in the packing room and still checks every first order of a new customer."},
	{"Varga", "Leon", "Vice President, Sales", "Was a ship's purser for ten years. Knows what a crate weighs by looking at it."},
	{"Ashworth", "Priya", "Sales Representative", "Grows her own chillies, which is how the spice shelf got longer."},
	{"Hallberg", "Ove", "Sales Representative", "Taught geography. Draws the delivery routes on the wall himself."},
	{"Montero", "Celia", "Sales Manager", "Opened the second office with one desk and a telephone."},
	{"Tran", "Felix", "Sales Representative", "Plays the cello in the evenings; ask before calling after six."},
	{"Rutledge", "Maud", "Sales Representative", "Restores old bicycles and has visited most customers on one."},
	{"Ferreira", "Duarte", "Inside Sales Coordinator", "Keeps the list of who must never be promised Tuesdays."},
	{"Lindqvist", "Sanna", "Sales Representative", "Came for a summer and stayed. Writes the winter catalogue."},
}
