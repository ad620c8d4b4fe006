package mask_test

import (
	"fmt"

	"github.com/rookerydb/rookery/client/mask"
)

// Ids are masked where pages are made and unmasked where requests come in; inside they stay readable.
func Example() {
	ring, err := mask.NewRing(mask.Key{Version: 1, Secret: mask.NewSecret()})
	if err != nil {
		panic(err)
	}
	text, err := ring.Mask("orders/830-A")
	if err != nil {
		panic(err)
	}
	id, _, err := ring.Unmask(text)
	fmt.Println(len(text), id, err)

	_, _, err = ring.Unmask("orders/831-A")
	fmt.Println(err)
	// Output:
	// 44 orders/830-A <nil>
	// this is no masked id
}
