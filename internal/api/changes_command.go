package api

import (
	"context"
	"strconv"

	"github.com/coder/websocket"

	"github.com/rookerydb/rookery/internal/changes"
	"github.com/rookerydb/rookery/internal/jsondoc"
)

// listen carries out the commands of the client until it goes, or sends what makes no sense. Then the connection is closed with the
// reason: an answer of type Error would end a Node.js process that does not expect it.
func (f *changesFeed) listen(ctx context.Context, conn *websocket.Conn) error {
	conn.SetReadLimit(commandBytesMax)
	for {
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if kind != websocket.MessageText {
			return &closeError{status: websocket.StatusUnsupportedData, why: "commands are text"}
		}
		command, err := readCommand(text)
		if err == nil {
			err = f.subscription.Do(command)
		}
		if err != nil {
			return &closeError{status: websocket.StatusPolicyViolation, why: err.Error()}
		}
	}
}

// readCommand reads {"CommandId":1,"Command":"watch-doc","Param":"users/1","Params":[…]}.
func readCommand(text []byte) (changes.Command, error) {
	doc, err := jsondoc.Parse(text)
	if err != nil {
		return changes.Command{}, err
	}
	root := doc.Root()
	if root.Kind() != jsondoc.Object {
		return changes.Command{}, &invalidError{what: "the command", json: clip(string(doc.Text())), want: "a JSON object"}
	}
	number, err := commandID(root)
	if err != nil {
		return changes.Command{}, err
	}
	word, err := stringMember(root, "Command")
	if err != nil {
		return changes.Command{}, err
	}
	param, err := paramMember(root)
	if err != nil {
		return changes.Command{}, err
	}
	params, err := paramsMember(root)
	if err != nil {
		return changes.Command{}, err
	}
	return changes.ParseCommand(number, word, param, params)
}

func commandID(root jsondoc.Value) (int64, error) {
	f, ok := root.Field("CommandId")
	if !ok {
		return 0, &invalidError{what: "member CommandId", want: "a whole number"}
	}
	n, ok := f.Int64()
	if !ok {
		return 0, memberError("CommandId", f, "a whole number")
	}
	return n, nil
}

// paramMember reads Param: a text, or the number of an operation.
func paramMember(root jsondoc.Value) (string, error) {
	if f, ok := root.Field("Param"); ok {
		if n, ok := f.Int64(); ok {
			return strconv.FormatInt(n, 10), nil
		}
	}
	return stringMember(root, "Param")
}

// paramsMember reads Params: a list of texts.
func paramsMember(root jsondoc.Value) ([]string, error) {
	f, ok := root.Field("Params")
	if !ok || f.Kind() == jsondoc.Null {
		return nil, nil
	}
	if f.Kind() != jsondoc.Array {
		return nil, memberError("Params", f, "an array of strings")
	}
	var list []string
	for item := range f.Items() {
		if item.Kind() != jsondoc.String {
			return nil, memberError("Params", item, "an array of strings")
		}
		list = append(list, item.Str())
	}
	return list, nil
}
