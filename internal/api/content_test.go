package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// What is put comes back byte for byte: numbers keep their text, strings their characters, properties their order.
func TestPutDocument_KeepsContent(t *testing.T) {
	n := startNode(t)
	for _, content := range []string{
		`"n":1.0`, `"n":-0`, `"n":1E+2`, `"n":12345678901234567890123`, `"n":0.1000000000000000055511151231257827`,
		`"n":9223372036854775807`, `"n":-9223372036854775808`, `"n":1e-400`,
		`"z":1,"a":2,"M":3`, `"":"the empty name"`, `"a":[],"b":{},"c":null,"d":[[],[{}]],"e":[null,false,true]`,
		`"s":"\u0000 \ud800 \udc00x"`, `"\u0000":"name"`, `"s":"😀 Привет 你好 שלום"`, `"s":"` + strings.Repeat("long ", 20_000) + `"`,
		`"@id":"not metadata","id":7,"Id":8`, `"a":{"@metadata":{"@id":"inside"}}`,
		`"deep":` + strings.Repeat(`[`, 127) + "1" + strings.Repeat(`]`, 127),
	} {
		n.want(http.StatusCreated, "PUT", docs+"?id=a", `{`+content+`}`)
		got := n.want(http.StatusOK, "GET", docs+"?id=a", "")
		if !strings.HasPrefix(got.body, `{"Results":[{`+content+`,"@metadata":{`) {
			t.Errorf("%.100s came back as %.200s", content, got.body)
		}
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=a", "\r\n\t { \"a\" : [ 1 ,\n2 ] } \n")
	if got := n.want(http.StatusOK, "GET", docs+"?id=a", "").body; !strings.HasPrefix(got, `{"Results":[{"a":[1,2],`) {
		t.Errorf("pretty text came back as %s", got)
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"s":"\u00e9\/\ud83d\ude00"}`)
	if got := n.want(http.StatusOK, "GET", docs+"?id=a", "").body; !strings.Contains(got, `"s":"é/😀"`) {
		t.Errorf("escapes came back as %s", got)
	}
	n.check()
}

// A text that is no document is refused with where and why, and what was there stays.
func TestPutDocument_RefusesBadContent(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	f := func(class, part, body string) {
		t.Helper()
		n.want(http.StatusBadRequest, "PUT", docs+"?id=a", body).wantError(t, class, part)
		n.want(http.StatusOK, "GET", docs+"?id=a", "").wantMember(t, 1.0, "Results", 0, "v")
	}
	const parse, bad = "Documents.DocumentParseException", "BadRequestException"
	f(parse, "line 1, column 1: the text is empty", "")
	f(parse, "the text is empty", " \n")
	f(parse, "byte order mark", "\ufeff{}")
	f(parse, "UTF-16", "\xff\xfe{\x00}\x00")
	f(parse, "not UTF-8", "{\"s\":\"\xff\"}")
	f(parse, "not UTF-8", "{\"s\":\"\xed\xa0\x80\"}") // a surrogate outside an escape
	f(parse, `line 2, column 2: property "a" appears twice`, "{\"a\":1,\n \"a\":2}")
	f(parse, "128 deep", `{"a":`+strings.Repeat(`[`, 128)+"1"+strings.Repeat(`]`, 128)+`}`)
	f(parse, "1e400", `{"n":1e400}`)
	f(parse, "line 1", `{"n":01}`)
	f(parse, "line 1", `{"n":+1}`)
	f(parse, "line 1", `{"n":NaN}`)
	f(parse, "line 1", `{"a":1,}`)
	f(parse, "line 1", `{'a':1}`)
	f(parse, "line 1", `{"a":"`+"\n"+`"}`)
	f(parse, "cut off", `{"a":1`)
	f(parse, "nothing more behind", `{} {}`)
	f(bad, "object", `[1]`)
	f(bad, "object", `null`)
	f(bad, "object", `"text"`)
	f(bad, "@metadata", `{"@metadata":1}`)
	f(bad, "@metadata", `{"@metadata":[]}`)
	f(bad, "@collection", `{"@metadata":{"@collection":1}}`)
	f(bad, "@collection", `{"@metadata":{"@collection":{}}}`)
	f(bad, "control character", `{"@metadata":{"@collection":"a\u0000b"}}`)
	n.want(http.StatusNotImplemented, "PUT", docs+"?id=a", "\x1f\x8b", "Content-Encoding", "gzip").wantError(t, "NotSupportedException", "gzip")
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{}`, "Content-Encoding", "identity", "Content-Type", "text/plain;charset=UTF-16")
}

// What the server owns in the metadata is taken from nobody; all else is kept as it is.
func TestPutDocument_Metadata(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"@metadata":{
		"@id":"other","@change-vector":"A:99-x","@last-modified":"1999-01-01","@flags":"HasAttachments","@index-score":1,"@projection":true,
		"@attachments":[{"name":"x","hash":"h","contentType":"","size":1}],"@counters":["likes"],"@timeseries":["HR"],
		"@collection":"Users","Raven-Node-Type":null,"@nested-object-types":{"a.0":"date"},"@expires":"2030-01-01","@odd":1,"text":"","no":false,"l":[0,{}]}}`)
	a := n.want(http.StatusOK, "GET", docs+"?id=a", "")
	if !strings.Contains(a.body, `"@metadata":{"@collection":"Users","Raven-Node-Type":null,"@nested-object-types":{"a.0":"date"},`+
		`"@expires":"2030-01-01","@odd":1,"text":"","no":false,"l":[0,{}],"@change-vector":"A:1-`) {
		t.Errorf("metadata came back as %s", a.body)
	}
	a.wantMember(t, "a", "Results", 0, "@metadata", "@id")
	for _, gone := range []string{"@flags", "@attachments", "@counters", "@timeseries", "@index-score", "@projection"} {
		a.wantMember(t, nil, "Results", 0, "@metadata", gone)
	}
	for _, body := range []string{`{}`, `{"@metadata":{}}`, `{"@metadata":{"@collection":null}}`, `{"@metadata":{"@collection":""}}`, `{"@metadata":{"@collection":"@empty"}}`} {
		n.want(http.StatusCreated, "PUT", docs+"?id=b", body)
		n.want(http.StatusOK, "GET", docs+"?id=b", "").wantMember(t, "@empty", "Results", 0, "@metadata", "@collection")
	}
	n.want(http.StatusCreated, "PUT", docs+"?id=c", `{"@metadata":{"@collection":"USERS"}}`)
	n.want(http.StatusOK, "GET", docs+"?id=c", "").wantMember(t, "Users", "Results", 0, "@metadata", "@collection") // the first casing wins
	n.want(http.StatusBadRequest, "PUT", docs+"?id=c", `{"@metadata":{"@collection":"Orders"}}`).
		wantError(t, "DocumentCollectionMismatchException", `"Users"`)
}
