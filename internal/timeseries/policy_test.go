package timeseries_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/timeseries"
)

func seconds(n int32) timeseries.TimeValue {
	return timeseries.TimeValue{Value: n, Unit: timeseries.Second}
}
func days(n int32) timeseries.TimeValue { return seconds(n * 86400) }
func months(n int32) timeseries.TimeValue {
	return timeseries.TimeValue{Value: n, Unit: timeseries.Month}
}

func policy(name string, retention, aggregation timeseries.TimeValue) timeseries.Policy {
	return timeseries.Policy{Name: name, RetentionTime: retention, AggregationTime: aggregation}
}

// collection returns a configuration for one collection; a zero raw retention is none.
func collection(raw timeseries.TimeValue, policies ...timeseries.Policy) *timeseries.Configuration {
	c := &timeseries.CollectionConfiguration{Policies: policies}
	if raw != (timeseries.TimeValue{}) {
		c.RawPolicy = timeseries.RawPolicy{Name: "rawpolicy", RetentionTime: raw}
	}
	return &timeseries.Configuration{Collections: map[string]*timeseries.CollectionConfiguration{"Users": c}}
}

func TestConfiguration_KeepsTheClientsJSON(t *testing.T) {
	const text = `{"Collections":{"Users":{"Disabled":false,` +
		`"Policies":[{"Name":"ByHour","RetentionTime":{"Value":2592000,"Unit":"Second"},"AggregationTime":{"Value":3600,"Unit":"Second"}},` +
		`{"Name":"ByMonth","RetentionTime":{"Value":2147483647,"Unit":"None"},"AggregationTime":{"Value":1,"Unit":"Month"}}],` +
		`"RawPolicy":{"Name":"rawpolicy","RetentionTime":{"Value":43200,"Unit":"Second"},"AggregationTime":null}}},` +
		`"PolicyCheckFrequency":"00:00:01","NamedValues":{"Users":{"HR":["bpm"]}}}`
	var c timeseries.Configuration
	must(t, json.Unmarshal([]byte(text), &c))
	// retention of ByHour is 30 days, shorter than some months
	if err := c.Tidy(); err == nil || !strings.Contains(err.Error(), "month might have different number of days") {
		t.Errorf("30 days against a month: %v", err)
	}
	got, err := json.Marshal(&c)
	must(t, err)
	if string(got) != text {
		t.Errorf("got\n%s\nwant\n%s", got, text)
	}
	if c.CheckFrequency() != time.Second || (&timeseries.Configuration{}).CheckFrequency() != 30*time.Minute {
		t.Error("check frequency")
	}
	if c.Collection("users") == nil || c.Collection("Users") == nil || c.Collection("x") != nil {
		t.Error("collections are found by name without regard to case")
	}
}

func TestConfiguration_SortsByAggregation(t *testing.T) {
	c := collection(timeseries.TimeValue{},
		policy("ByYear", timeseries.Unlimited(), months(12)), policy("ByDay", months(24), days(1)),
		policy("ByMonth", timeseries.Unlimited(), months(1)), policy("ByHour", days(60), seconds(3600)))
	must(t, c.Tidy())
	var names []string
	for _, p := range c.Collections["Users"].Policies {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"ByHour", "ByDay", "ByMonth", "ByYear"}, names); diff != "" {
		t.Error(diff)
	}
	if raw := c.Collections["Users"].RawPolicy; raw.Name != "rawpolicy" || raw.RetentionTime != timeseries.Unlimited() {
		t.Errorf("raw policy %+v", raw)
	}
}

func TestConfiguration_RefusesWithKnownTexts(t *testing.T) {
	const month = "month might have different number of days"
	f := func(c *timeseries.Configuration, want string) {
		t.Helper()
		err := c.Tidy()
		if want == "" {
			must(t, err)
			return
		}
		if err == nil || !strings.Contains(err.Error(), want) || fault.Of(err) != fault.Invalid && fault.Of(err) != fault.TooLarge {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	none, ever := timeseries.TimeValue{}, timeseries.Unlimited()
	f(collection(months(1), policy("By30Days", ever, days(30))), month)
	f(collection(months(12), policy("By365Days", ever, days(365))), month)
	f(collection(none, policy("By30Days", ever, days(30)), policy("By1Month", ever, months(1))), month)
	f(collection(none, policy("By7Days", ever, days(7)), policy("By1Month", ever, months(1))), month)
	f(collection(months(1), policy("By27DaysFor1Year", months(12), days(27)), policy("By364DaysFor5Years", months(60), days(364))),
		"The aggregation time of the policy 'By364DaysFor5Years' (364 days) must be divided by the aggregation time of 'By27DaysFor1Year' (27 days) without a remainder")
	f(collection(none, policy("By30MinutesFor1Minute", seconds(60), seconds(1800)), policy("ByHour", ever, seconds(3600))),
		"The policy 'By30MinutesFor1Minute' has a retention time of '60 seconds' but should be aggregated by policy 'ByHour' with the aggregation time frame of 60 minutes")
	f(collection(seconds(10), policy("By15SecondsFor1Minute", seconds(60), seconds(15))),
		"The policy 'rawpolicy' has a retention time of '10 seconds' but should be aggregated by policy 'By15SecondsFor1Minute' with the aggregation time frame of 15 seconds")
	f(collection(none, policy("A", ever, seconds(5)), policy("a", ever, seconds(10))), "two policies with the name 'a'")
	f(collection(none, policy("A", ever, seconds(5)), policy("B", ever, seconds(5))), "the same aggregation time, 5 seconds")
	f(collection(none, policy("", ever, seconds(5))), "empty")
	f(collection(none, policy("a@b", ever, seconds(5))), "@")
	f(collection(none, policy("RawPolicy", ever, seconds(5))), "belongs to the policy of raw entries")
	f(collection(none, policy("A", ever, seconds(0))), "aggregation time of the policy 'A' must be greater than zero")
	f(collection(none, policy("A", ever, ever)), "aggregation time of the policy 'A' must be greater than zero")
	f(collection(none, policy("A", seconds(-1), seconds(5))), "retention time of the policy 'A' must be greater than zero")
	f(&timeseries.Configuration{Collections: map[string]*timeseries.CollectionConfiguration{"X": nil}}, "is empty")
	f(&timeseries.Configuration{Collections: map[string]*timeseries.CollectionConfiguration{"X": {RawPolicy: timeseries.RawPolicy{Name: "x"}}}}, "must have 'rawpolicy'")
	f(collection(none, make([]timeseries.Policy, timeseries.PoliciesMax+1)...), "at most 64")
	// what passes
	f(collection(months(1), policy("By27Days", ever, days(27))), "")
	f(collection(seconds(4), policy("A", seconds(4), seconds(1)), policy("B", seconds(8), seconds(2)), policy("C", ever, seconds(4))), "")
	f(collection(none, policy("ByDay", days(32), days(1)), policy("ByMonth", ever, months(1))), "")
}

func TestConfiguration_ChangesOnePolicy(t *testing.T) {
	c := &timeseries.CollectionConfiguration{}
	must(t, c.SetPolicy(policy("ByHour", days(1), seconds(3600))))
	must(t, c.SetPolicy(policy("ByMinute", seconds(3600), seconds(60))))
	must(t, c.SetPolicy(policy("BYHOUR", days(2), seconds(3600))))
	if len(c.Policies) != 2 || c.Policies[1].RetentionTime != days(2) {
		t.Errorf("%+v", c.Policies)
	}
	if err := c.SetRawPolicy(timeseries.RawPolicy{RetentionTime: seconds(59)}); err == nil || !strings.Contains(err.Error(), "'rawpolicy'") {
		t.Errorf("raw retention under a minute: %v", err)
	}
	must(t, c.SetRawPolicy(timeseries.RawPolicy{RetentionTime: seconds(60)}))
	if _, err := c.RemovePolicy("byminute"); err == nil {
		t.Error("removed the policy that the raw entries reach ByHour through")
	}
	c = &timeseries.CollectionConfiguration{Policies: []timeseries.Policy{policy("A", timeseries.Unlimited(), seconds(5))}}
	must(t, c.SetRawPolicy(timeseries.RawPolicy{RetentionTime: seconds(60)}))
	for _, want := range []bool{true, false} {
		for _, name := range []string{"rawPolicy", "a"} {
			if was, err := c.RemovePolicy(name); was != want || err != nil {
				t.Errorf("remove %s: %v, %v", name, was, err)
			}
		}
	}
}

func TestConfiguration_WritesListsNotNull(t *testing.T) {
	c := &timeseries.CollectionConfiguration{}
	must(t, c.SetRawPolicy(timeseries.RawPolicy{}))
	got, err := json.Marshal(c)
	must(t, err)
	const want = `{"Disabled":false,"Policies":[],"RawPolicy":{"Name":"rawpolicy","RetentionTime":{"Value":2147483647,"Unit":"None"},"AggregationTime":null}}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

func TestConfiguration_NamesValuesOnce(t *testing.T) {
	var c timeseries.Configuration
	must(t, c.NameValues("Users", "HR", []string{"bpm"}, false))
	if err := c.NameValues("users", "hr", []string{"x"}, false); err == nil {
		t.Error("changed names without being told to")
	}
	must(t, c.NameValues("users", "hr", []string{"x", "y"}, true))
	if diff := cmp.Diff(map[string]map[string][]string{"Users": {"HR": {"x", "y"}}}, c.NamedValues); diff != "" {
		t.Error(diff)
	}
	if c.NameValues("A", "b", make([]string, 33), false) == nil || c.NameValues("A", "c", []string{""}, false) == nil {
		t.Error("took names that no value can have")
	}
}

func TestTimeValue_InWords(t *testing.T) {
	f := func(v timeseries.TimeValue, want string) {
		t.Helper()
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(seconds(1), "1 second")
	f(seconds(60), "60 seconds")
	f(seconds(61), "1 minute 1 second")
	f(seconds(120), "2 minutes")
	f(seconds(3600), "60 minutes")
	f(days(1), "24 hours")
	f(days(364), "364 days")
	f(seconds(2*86400+2*3600+60), "2 days 2 hours 60 seconds")
	f(months(1), "1 month")
	f(months(12), "1 year")
	f(months(26), "2 years 2 months")
	f(timeseries.Unlimited(), "unlimited")
}

func TestTimeValue_Before(t *testing.T) {
	f := func(v timeseries.TimeValue, from, want string) {
		t.Helper()
		if got := v.Before(at(t, from)); got != at(t, want) {
			t.Errorf("%s before %s: %s", v, from, got)
		}
	}
	f(seconds(90), "2024-01-01T00:01:00", "2023-12-31T23:59:30")
	f(months(1), "2024-03-31T10:20:30.5", "2024-02-29T10:20:30.5")
	f(months(13), "2024-03-15T00:00:00", "2023-02-15T00:00:00")
	f(seconds(math.MaxInt32), "0001-01-02T00:00:00", "0001-01-01T00:00:00")
	f(months(math.MaxInt32), "2024-01-01T00:00:00", "0001-01-01T00:00:00")
	f(timeseries.Unlimited(), "2024-01-01T00:00:00", "0001-01-01T00:00:00")
}

func TestInterval_JSON(t *testing.T) {
	f := func(text string, want time.Duration) {
		t.Helper()
		var i timeseries.Interval
		must(t, json.Unmarshal([]byte(text), &i))
		back, err := json.Marshal(i)
		must(t, err)
		if time.Duration(i) != want || string(back) != text {
			t.Errorf("%s: %v, %s", text, time.Duration(i), back)
		}
	}
	f(`null`, 0)
	f(`"00:30:00"`, 30*time.Minute)
	f(`"10.02:03:04.5000000"`, 242*time.Hour+3*time.Minute+4500*time.Millisecond)
	for _, bad := range []string{`5`, `"x"`, `"24:00:00"`, `"00:60:00"`, `"999999.00:00:00"`, `"-00:00:01"`} {
		var i timeseries.Interval
		if json.Unmarshal([]byte(bad), &i) == nil {
			t.Errorf("took %s", bad)
		}
	}
	var u timeseries.Unit
	if u.UnmarshalText([]byte("Week")) == nil || u.UnmarshalText([]byte("month")) != nil || u != timeseries.Month {
		t.Error("units")
	}
}

func TestFrame_FollowsTheCalendar(t *testing.T) {
	f := func(frame timeseries.Frame, moment, start, next string) {
		t.Helper()
		got := frame.Start(at(t, moment))
		if got != at(t, start) || frame.Next(got) != at(t, next) {
			t.Errorf("%+v: %s lies in %s to %s", frame, moment, got, frame.Next(got))
		}
	}
	f(seconds(3600).Frame(), "2024-05-06T07:08:09.123", "2024-05-06T07:00:00", "2024-05-06T08:00:00")
	f(days(1).Frame(), "1960-02-29T23:59:59.999", "1960-02-29T00:00:00", "1960-03-01T00:00:00")
	f(days(7).Frame(), "2024-05-05T12:00:00", "2024-04-29T00:00:00", "2024-05-06T00:00:00") // Monday to Monday
	f(months(1).Frame(), "2024-02-29T12:00:00", "2024-02-01T00:00:00", "2024-03-01T00:00:00")
	f(months(3).Frame(), "2024-12-31T12:00:00", "2024-10-01T00:00:00", "2025-01-01T00:00:00")
	f(months(12).Frame(), "0001-01-01T00:00:00", "0001-01-01T00:00:00", "0002-01-01T00:00:00")
}

func TestName_Rules(t *testing.T) {
	for name, want := range map[string]fault.Kind{
		"": fault.Invalid, "  ": fault.Invalid, "a@b": fault.Invalid, "a\x00": fault.Invalid, "\xff": fault.Invalid, "inc:": fault.Invalid,
		strings.Repeat("n", 513): fault.TooLarge,
	} {
		if err := timeseries.CheckName(name); err == nil || fault.Of(err) != want {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	for _, name := range []string{"HR", "B P", "Gas m³", "INC:Likes", strings.Repeat("n", 512)} {
		must(t, timeseries.CheckName(name))
	}
	for name, want := range map[string]timeseries.Kind{
		"INC:a": timeseries.Incremental, "inc:a": timeseries.Incremental, "INC": timeseries.Plain, "a": timeseries.Plain, "INC:a@ByHour": timeseries.Plain,
	} {
		if got := timeseries.KindOf(name); got != want {
			t.Errorf("%s: kind %d", name, got)
		}
	}
	if timeseries.Identity("Hr") != timeseries.Identity("hR") {
		t.Error("case counts")
	}
	rollup := timeseries.RollupName("HR", "ByHour")
	name, by, ok := timeseries.SplitRollup(rollup)
	if rollup != "HR@ByHour" || name != "HR" || by != "ByHour" || !ok {
		t.Error(rollup, name, by, ok)
	}
	if _, _, ok := timeseries.SplitRollup("HR"); ok || !timeseries.IsRollup(rollup) {
		t.Error("a raw name is no rollup's")
	}
}
