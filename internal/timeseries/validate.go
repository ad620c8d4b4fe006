package timeseries

import (
	"fmt"
	"slices"
	"strings"
)

func (c *CollectionConfiguration) tidy() error {
	if c.Policies == nil {
		c.Policies = []Policy{} // clients read a list, not null
	}
	if len(c.Policies) > PoliciesMax {
		return &LimitError{What: "time series policies of a collection", Got: len(c.Policies), Max: PoliciesMax}
	}
	if err := c.checkRawPolicy(); err != nil {
		return err
	}
	for i, p := range c.Policies {
		if err := p.check(); err != nil {
			return err
		}
		if c.find(p.Name) != i {
			return invalidf("there are two policies with the name '%s'", p.Name)
		}
	}
	if err := sortPolicies(c.Policies); err != nil {
		return err
	}
	return c.checkChain()
}

// checkRawPolicy puts in the raw policy that is meant when there is none.
func (c *CollectionConfiguration) checkRawPolicy() error {
	if (c.RawPolicy == RawPolicy{}) {
		c.RawPolicy = defaultRawPolicy()
	}
	if c.RawPolicy.Name == "" {
		c.RawPolicy.Name = RawPolicyName
	}
	if !strings.EqualFold(c.RawPolicy.Name, RawPolicyName) {
		return invalidf("the raw policy has the name '%s' and must have '%s'", c.RawPolicy.Name, RawPolicyName)
	}
	return checkRetention(RawPolicyName, c.RawPolicy.RetentionTime)
}

// check refuses a policy that cannot stand by itself.
func (p Policy) check() error {
	if err := CheckName(p.Name); err != nil {
		return fmt.Errorf("the name of a policy becomes a part of names of series: %w", err)
	}
	if strings.EqualFold(p.Name, RawPolicyName) {
		return invalidf("the name '%s' belongs to the policy of raw entries", p.Name)
	}
	if p.AggregationTime.Unit == None || p.AggregationTime.Value <= 0 {
		return invalidf("the aggregation time of the policy '%s' must be greater than zero", p.Name)
	}
	return checkRetention(p.Name, p.RetentionTime)
}

func checkRetention(policy string, v TimeValue) error {
	if v.Unit != None && v.Value <= 0 {
		return invalidf("the retention time of the policy '%s' must be greater than zero", policy)
	}
	return nil
}

// sortPolicies puts the shortest aggregation first. The error is that of a pair which cannot be compared.
func sortPolicies(policies []Policy) error {
	var failed error
	slices.SortStableFunc(policies, func(a, b Policy) int {
		c, err := a.AggregationTime.compare(b.AggregationTime)
		if err != nil && failed == nil {
			failed = err
		}
		return c
	})
	return failed
}

// checkChain compares each policy with the next, which rolls up its results: those must be there long enough, and fill its
// frames.
func (c *CollectionConfiguration) checkChain() error {
	name, retention := RawPolicyName, c.RawPolicy.RetentionTime
	for i, p := range c.Policies {
		if i > 0 {
			if err := checkDivides(c.Policies[i-1], p); err != nil {
				return err
			}
		}
		order, err := retention.compare(p.AggregationTime)
		if err != nil {
			return err
		}
		if order < 0 {
			return invalidf("The policy '%s' has a retention time of '%s' but should be aggregated by policy '%s' with the aggregation time frame of %s",
				name, retention, p.Name, p.AggregationTime)
		}
		name, retention = p.Name, p.RetentionTime
	}
	return nil
}

// checkDivides refuses two policies of which the frames of the longer one are not filled by frames of the shorter one.
func checkDivides(short, long Policy) error {
	a, b := short.AggregationTime, long.AggregationTime
	switch {
	case a == b:
		return invalidf("the policies '%s' and '%s' have the same aggregation time, %s", short.Name, long.Name, a)
	case a.Unit == b.Unit && b.Value%a.Value == 0:
		return nil
	case a.Unit == Second && b.Unit == Month && secondsPerDay%a.Value == 0:
		return nil // a month has whole days
	case a.Unit != b.Unit:
		return b.incomparable(a)
	}
	return invalidf("The aggregation time of the policy '%s' (%s) must be divided by the aggregation time of '%s' (%s) without a remainder",
		long.Name, b, short.Name, a)
}

// checkNames refuses names of values that nothing can have.
func (c *Configuration) checkNames() error {
	for collection, series := range c.NamedValues {
		for name, values := range series {
			if len(values) > ValuesMax {
				return &LimitError{What: "names of values of time series " + name, Got: len(values), Max: ValuesMax}
			}
			if slices.Contains(values, "") {
				return invalidf("a value of time series %q in collection %q has an empty name", name, collection)
			}
		}
	}
	return nil
}

// NameValues gives names to the values of a series. It refuses to change names that are there unless update is set.
func (c *Configuration) NameValues(collection, series string, values []string, update bool) error {
	if c.NamedValues == nil {
		c.NamedValues = map[string]map[string][]string{}
	}
	names := c.NamedValues[collection]
	for key, found := range c.NamedValues {
		if strings.EqualFold(key, collection) {
			names = found
		}
	}
	if names == nil {
		names = map[string][]string{}
		c.NamedValues[collection] = names
	}
	key := series
	for there := range names {
		if strings.EqualFold(there, series) {
			key = there
		}
	}
	if _, there := names[key]; there && !update {
		return invalidf("the values of time series %q in collection %q have names already", series, collection)
	}
	names[key] = slices.Clone(values)
	return c.checkNames()
}
