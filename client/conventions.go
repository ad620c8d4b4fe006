package client

import (
	"reflect"
	"strings"
	"unicode"
)

// Collector is implemented by types that name their collection themselves. The method is called on a zero value.
type Collector interface{ Collection() string }

// Conventions say how Go types become documents. The zero value is the usual ones.
type Conventions struct {
	// Collection names the collection of a struct type. It may return "" for none. Default: CollectionName.
	Collection func(reflect.Type) string
	// IDField names the field of a struct type, of type string, that holds the id; "" for none. Default: the field with
	// the tag `rookery:"id"`.
	IDField func(reflect.Type) string
	// IDPrefix makes the first part of ids from the name of a collection. Default: IDPrefix.
	IDPrefix func(collection string) string
	// IDSeparator stands between the prefix and the rest of an id. Default "/".
	IDSeparator string
}

func (c Conventions) withDefaults() Conventions {
	if c.Collection == nil {
		c.Collection = CollectionName
	}
	if c.IDField == nil {
		c.IDField = taggedIDField
	}
	if c.IDPrefix == nil {
		c.IDPrefix = IDPrefix
	}
	if c.IDSeparator == "" {
		c.IDSeparator = "/"
	}
	return c
}

// CollectionName is the collection of a type: what its method Collection says, else the plural of its name (User: Users,
// Category: Categories, Box: Boxes, Person: People). Types without a name, such as maps, have none.
func CollectionName(t reflect.Type) string {
	if c, ok := reflect.TypeAssert[Collector](reflect.New(t)); ok {
		return c.Collection()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	if t.Kind() != reflect.Struct || name == "" {
		return ""
	}
	return plural(name)
}

// plural is the plural of an English noun, by the rules that cover nearly all names of types.
func plural(name string) string {
	for _, irregular := range [...][2]string{{"Person", "People"}, {"Child", "Children"}} {
		if base, ok := strings.CutSuffix(name, irregular[0]); ok {
			return base + irregular[1]
		}
	}
	for _, hiss := range [...]string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(name, hiss) {
			return name + "es"
		}
	}
	if base, ok := strings.CutSuffix(name, "y"); ok && base != "" && !strings.ContainsRune("aeiou", rune(base[len(base)-1])) {
		return base + "ies"
	}
	return name + "s"
}

// IDPrefix is the first part of the ids of a collection: in small letters when it has one capital (Users: users), as it is
// when it has more (ToDoTasks), as all clients do it.
func IDPrefix(collection string) string {
	capitals := 0
	for _, c := range collection {
		if unicode.IsUpper(c) {
			capitals++
		}
	}
	if capitals > 1 {
		return collection
	}
	return strings.ToLower(collection)
}

func taggedIDField(t reflect.Type) string {
	for field := range fieldsOf(t) {
		if field.Tag.Get("rookery") == "id" {
			return field.Name
		}
	}
	return ""
}

// fieldsOf yields the visible fields of a struct type.
func fieldsOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, field := range reflect.VisibleFields(t) {
			if field.IsExported() && !yield(field) {
				return
			}
		}
	}
}

// idOf finds the field of doc that holds the id. ok is false when its type has none. doc is a pointer that is not nil.
func (c Conventions) idOf(doc any) (field reflect.Value, ok bool, err error) {
	v := reflect.ValueOf(doc).Elem()
	if v.Kind() != reflect.Struct {
		return reflect.Value{}, false, nil
	}
	name := c.IDField(v.Type())
	if name == "" {
		return reflect.Value{}, false, nil
	}
	found, ok := v.Type().FieldByName(name)
	if !ok || found.Type.Kind() != reflect.String || !found.IsExported() {
		return reflect.Value{}, false, &UsageError{"field " + name + " of " + v.Type().String(), "the field of the id is an exported string"}
	}
	// The document has its id beside it, not in it: two of them would part company when the server completes one.
	if found.Tag.Get("json") != "-" {
		return reflect.Value{}, false, &UsageError{"field " + name + " of " + v.Type().String(), "the field of the id needs the tag json:\"-\" as well"}
	}
	return v.FieldByIndex(found.Index), true, nil
}

// setID writes id into the field of doc that holds it, when there is one.
func (c Conventions) setID(doc any, id string) error {
	field, ok, err := c.idOf(doc)
	if ok {
		field.SetString(id)
	}
	return err
}

// clearValue sets what doc points to to its zero value, so that members that are gone do not stay in it.
func clearValue(doc any) error {
	v := reflect.ValueOf(doc).Elem()
	if !v.CanSet() {
		return &UsageError{"a document of type " + v.Type().String(), "it cannot be set"}
	}
	v.SetZero()
	return nil
}
