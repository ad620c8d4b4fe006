package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestGetDocuments_Pages(t *testing.T) {
	n := startNode(t)
	for i := range 30 {
		n.want(http.StatusCreated, "PUT", fmt.Sprintf("%s?id=p/%02d", docs, i), `{"@metadata":{"@collection":"P"}}`)
	}
	f := func(query string, want int) {
		t.Helper()
		a := n.want(http.StatusOK, "GET", docs+query, "")
		if got, _ := a.get(t, "Results").([]any); len(got) != want {
			t.Errorf("%s: %d results, want %d", query, len(got), want)
		}
	}
	f("", 25)
	f("?", 25)
	f("?&&", 25)
	f("?start=&pageSize=", 25)
	f("?pageSize=0", 0)
	f("?startsWith=p/&pageSize=0", 0)
	f("?start=29&pageSize=25", 1)
	f("?start=30", 0)
	f("?start=9223372036854775807&pageSize=9223372036854775807", 0)
	f("?startsWith=p/&start=9223372036854775807&pageSize=9223372036854775807", 0)
	f("?startsWith=p/&pageSize=9223372036854775807", 30)
	f("?pageSize=2147483647", 30)
	f("?startsWith=p/&matches=*&exclude=*", 0)
	f("?startsWith=p/&matches=0?|1?", 20)
	f("?startsWith=p/&exclude=0*%7C%7C1*", 10)
	f("?startsWith=P/&startAfter=P/28", 1)
	f("?startsWith=p/&startAfter=zzz", 0)
	f("?startsWith=", 25)
	f("?startsWith=q&startsWith=p/", 0) // the first counts
	f("?STARTSWITH=p/&PageSize=3", 3)
	refuse := func(query, part string) {
		t.Helper()
		n.want(http.StatusBadRequest, "GET", docs+query, "").wantError(t, "BadRequestException", part)
	}
	refuse("?start=-1", "parameter start")
	refuse("?pageSize=-1", "parameter pageSize")
	refuse("?startsWith=p&pageSize=1.5", "parameter pageSize")
	refuse("?pageSize=99999999999999999999", "parameter pageSize")
	refuse("?pageSize=%zz", `"%zz"`)
	refuse("?id=a&metadataOnly=yes", "parameter metadataOnly")
	for _, extension := range []string{"counter=likes", "timeseries=HR", "timeseriescount=X"} {
		n.want(http.StatusNotImplemented, "GET", docs+"?id=a&"+extension, "").wantError(t, "NotSupportedException", "part of this version")
	}

	n.want(http.StatusNotImplemented, "GET", docs+"?startsWith=a&cmpxchg=x", "").wantError(t, "NotSupportedException", "part of this version")

	q := "/databases/db1/queries"
	n.want(http.StatusOK, "POST", q, `{"Query":"from P","PageSize":0}`).wantMember(t, 30.0, "TotalResults")
	n.want(http.StatusOK, "POST", q, `{"Query":"from P","Start":9223372036854775807,"PageSize":9223372036854775807}`).wantMember(t, 30.0, "TotalResults")
	n.want(http.StatusOK, "POST", q, `{"Query":"from P limit 9223372036854775807, 9223372036854775807","Start":9223372036854775807}`)
	n.want(http.StatusOK, "GET", q+"?&query=from+P+limit+2&start=1", "").wantMember(t, 30.0, "TotalResults")
	n.want(http.StatusBadRequest, "GET", q+"?&query=from+P&start=1;2", "").wantError(t, "BadRequestException", `"1;2"`)
}

func TestGetDocuments_Includes(t *testing.T) {
	n := startNode(t)
	for id, text := range map[string]string{
		"a": `{"one":"B","many":["b","C",null,7,"a","missing",["d"]],"self":"a","deep":{"list":[{"ref":"c"},{"ref":["D"]},3]},"a.b":{"c":"d"},
			"no":null,"n":5,"empty":"","obj":{"x":"b"},"lone":"\ud800"}`,
		"b": `{"next":"c"}`, "c": `{}`, "d": `{}`,
	} {
		n.want(http.StatusCreated, "PUT", docs+"?id="+id, text)
	}
	f := func(paths string, want ...string) {
		t.Helper()
		a := n.want(http.StatusOK, "GET", docs+"?&"+paths+"&id=a", "")
		got, _ := a.get(t, "Includes").(map[string]any)
		if len(got) != len(want) {
			t.Errorf("%s: included %v, want %v", paths, got, want)
		}
		for _, id := range want {
			a.wantMember(t, id, "Includes", id, "@metadata", "@id")
		}
	}
	f("include=one", "b") // by its stored casing
	f("include=many", "b", "c", "d")
	f("include=many[]", "b", "c", "d")
	f("include=self")
	f("include=deep.list.ref", "c", "d")
	f("include=deep.list[].ref", "c", "d")
	f("include='a.b'.c", "d")
	f("include=%27a.b%27.c&include=one&include=one", "b", "d")
	f("include=no&include=n&include=empty&include=obj&include=lone&include=nothing&include=&include=.&include=[]&include=one.next&include")
	f("include='&include=''&include='a&include=a.b.c&include=" + strings.Repeat("x.", 2000))
	// a missing document with includes is still missing
	n.want(http.StatusNotFound, "GET", docs+"?id=zzz&include=one", "")
	// the etag follows what is included
	one := n.want(http.StatusOK, "GET", docs+"?id=a&include=one", "").header.Get("ETag")
	n.want(http.StatusNotModified, "GET", docs+"?id=a&include=one", "", "If-None-Match", one)
	n.want(http.StatusCreated, "PUT", docs+"?id=b", `{"v":2}`)
	n.want(http.StatusOK, "GET", docs+"?id=a&include=one", "", "If-None-Match", one)
}

func TestConditions(t *testing.T) {
	n := startNode(t)
	put := n.want(http.StatusCreated, "PUT", docs+"?id=a", `{"v":1}`)
	cv, _ := put.get(t, "ChangeVector").(string)
	for _, known := range []string{cv, `"` + cv + `"`, `W/"` + cv + `"`} {
		n.want(http.StatusNotModified, "GET", docs+"?id=a", "", "If-None-Match", known)
		n.want(http.StatusNotModified, "HEAD", docs+"?id=a", "", "If-None-Match", known)
	}
	for _, unknown := range []string{"", `""`, `"`, `"A:9-x"`, "404 response", strings.ToLower(cv)} {
		n.want(http.StatusOK, "GET", docs+"?id=a", "", "If-None-Match", unknown)
	}
	f := func(status int, method, header, value string) {
		t.Helper()
		n.want(status, method, docs+"?id=a", `{"v":2}`, header, value)
	}
	for _, wrong := range []string{"", `""`, `" "`, "A:9-x", `"A:9-x"`, "invalidCV", "*", `"`, strings.Repeat("x", 5000)} {
		f(http.StatusConflict, "PUT", "If-Match", wrong)
		f(http.StatusConflict, "DELETE", "If-Match", wrong)
	}
	f(http.StatusConflict, "PUT", "If-None-Match", "*") // HTTP's way to ask that there be none
	n.want(http.StatusCreated, "PUT", docs+"?id=b", `{}`, "If-None-Match", "*")
	n.want(http.StatusCreated, "PUT", docs+"?id=c", `{}`, "If-Match", `""`)
	n.want(http.StatusNoContent, "DELETE", docs+"?id=missing", "", "If-Match", `""`)
	f(http.StatusCreated, "PUT", "If-Match", cv)
	cv = strings.Trim(n.want(http.StatusOK, "HEAD", docs+"?id=a", "").header.Get("ETag"), `"`)
	f(http.StatusNoContent, "DELETE", "If-Match", `"`+cv+`"`)
	n.want(http.StatusBadRequest, "GET", docs+"?id=a", "", "Known-Raft-Index", "x").wantError(t, "BadRequestException", "Known-Raft-Index")
	n.want(http.StatusBadRequest, "GET", docs+"?id=a", "", "Known-Raft-Index", "-1")
	n.want(http.StatusOK, "GET", docs+"?id=b", "", "Known-Raft-Index", `"1"`)
}

func TestMultiGet_BrokenElementsFailAlone(t *testing.T) {
	n := startNode(t)
	n.want(http.StatusCreated, "PUT", docs+"?id=big", `{"s":"`+strings.Repeat("x", 400_000)+`"}`)
	a := n.want(http.StatusOK, "POST", "/databases/db1/multi_get", `{"Requests":[
		{"Url":"/databases/db1/docs","Query":"?id=big"},
		null, 5, [], {}, {"Url":7}, {"Url":"/databases/db1/docs","Query":["id=a"]},
		{"Url":"/databases/db1/multi_get","Method":"POST","Content":{"Requests":[]}},
		{"Url":"/databases/db1/bulk_docs","Method":"POST","Content":{"Commands":[]}},
		{"Url":"/databases/db1/nothing"}, {"Url":"/nothing"}, {"Url":"/databases/db1/docs","Method":"FLY"},
		{"Url":"/databases/db1/docs?id=big&metadataOnly=true","Query":null},
		{"Url":"/databases/db1/docs","Method":"post","Content":"{\"Ids\":[\"none\",\"big\"]}","Query":"?metadataOnly=true","Headers":{"If-None-Match":5,"":"x"}},
		{"Url":"/databases/db1/docs","Method":"POST","Content":"{\"Ids\":7}"},
		{"Url":"/databases/db1/queries","Method":"POST","Content":"","Headers":[]},
		{"Url":"/DATABASES/DB1/docs","Query":"?&id=none"}]}`)
	if s, _ := a.get(t, "Results", 0, "Result", "Results", 0, "s").(string); len(s) != 400_000 {
		t.Errorf("the large document came back with %d bytes", len(s))
	}
	for i, want := range []float64{200, 400, 400, 400, 400, 400, 400, 501, 501, 404, 404, 405, 200, 200, 400, 400, 404} {
		a.wantMember(t, want, "Results", i, "StatusCode")
		if want >= 400 && want != 404 {
			for _, member := range []string{"Url", "Type", "Message", "Error"} {
				if _, ok := a.get(t, "Results", i, "Result", member).(string); !ok {
					t.Errorf("result %d has no %s", i, member)
				}
			}
		}
	}
	f := func(part, body string) {
		t.Helper()
		n.want(http.StatusBadRequest, "POST", "/databases/db1/multi_get", body).wantError(t, "BadRequestException", part)
	}
	f("member Requests is missing", `{}`)
	f("member Requests is {}", `{"Requests":{}}`)
	f("at most 1024", `{"Requests":[`+strings.Repeat("{},", 1024)+`{}]}`)
	n.want(http.StatusOK, "POST", "/databases/db1/multi_get", `{"Requests":[]}`)
}

func TestQueries_Broken(t *testing.T) {
	n := startNode(t)
	f := func(status int, class, part, body string) {
		t.Helper()
		n.want(status, "POST", "/databases/db1/queries", body).wantError(t, class, part)
	}
	const parse, bad, query = "Documents.DocumentParseException", "BadRequestException", "InvalidQueryException"
	f(400, parse, "empty", ``)
	f(400, parse, "line 1, column 10", `{"Query":}`)
	f(400, bad, "a JSON object", `"from Users"`)
	f(400, bad, "member Query of the body is missing", `{"Query":""}`)
	f(400, bad, "member Query is 7", `{"Query":7}`)
	f(400, bad, "member QueryParameters", `{"Query":"from U","QueryParameters":[1]}`)
	f(400, bad, "member QueryParameters", `{"Query":"from U","QueryParameters":"{}"}`)
	f(400, bad, "member Start", `{"Query":"from U","Start":-1}`)
	f(400, bad, "member PageSize", `{"Query":"from U","PageSize":"5"}`)
	f(400, bad, "member PageSize", `{"Query":"from U","PageSize":1.5}`)
	f(400, query, "line 1, column", `{"Query":"from"}`)
	f(400, query, "line 2, column", `{"Query":"from U\nwhere and"}`)
	f(400, query, "p0", `{"Query":"from U where id() = $p0","QueryParameters":null}`)
	f(400, query, "line 1, column", `{"Query":"from U \u0000"}`)
	f(400, query, "line 1, column", `{"Query":"\ud800"}`)
	f(413, bad, "nesting", `{"Query":"from U where `+strings.Repeat("(", 5000)+`"}`)
	n.want(http.StatusNotImplemented, "POST", "/databases/db1/queries?debug=explain", `{"Query":"from U"}`).wantError(t, "NotSupportedException", "explain")
}
