package timeseries

import (
	"slices"
	"strings"
	"time"
)

// CheckFrequencyDefault is how often policies are applied unless the configuration says otherwise.
const CheckFrequencyDefault = 30 * time.Minute

// RawPolicyName is the name of the policy that says how long raw entries are kept.
const RawPolicyName = "rawpolicy"

// Configuration is what a database record says of time series. Its JSON is that of clients.
type Configuration struct {
	Collections          map[string]*CollectionConfiguration
	PolicyCheckFrequency Interval                       // 0: CheckFrequencyDefault
	NamedValues          map[string]map[string][]string // by collection, then series: names of the values in their order
}

// CollectionConfiguration is what holds for the series of one collection.
type CollectionConfiguration struct {
	Disabled  bool      // neither rolled up nor removed
	Policies  []Policy  // by length of aggregation, shortest first, once Tidy has run
	RawPolicy RawPolicy // zero: raw entries are kept for ever; Tidy writes that out
}

// Policy says into which frames a series is rolled up, and how long the result is kept.
type Policy struct {
	Name            string
	RetentionTime   TimeValue
	AggregationTime TimeValue
}

// RawPolicy says how long raw entries are kept. In JSON it has an AggregationTime that is null.
type RawPolicy struct {
	Name            string
	RetentionTime   TimeValue
	AggregationTime *struct{}
}

// defaultRawPolicy keeps raw entries for ever.
func defaultRawPolicy() RawPolicy {
	return RawPolicy{Name: RawPolicyName, RetentionTime: Unlimited()}
}

// CheckFrequency returns how often policies are applied.
func (c *Configuration) CheckFrequency() time.Duration {
	if c.PolicyCheckFrequency == 0 {
		return CheckFrequencyDefault
	}
	return time.Duration(c.PolicyCheckFrequency)
}

// Collection returns what holds for a collection, whose name is compared without regard to case; nil is nothing.
func (c *Configuration) Collection(name string) *CollectionConfiguration {
	if found := c.Collections[name]; found != nil {
		return found
	}
	for key, found := range c.Collections {
		if strings.EqualFold(key, name) {
			return found
		}
	}
	return nil
}

// Tidy sorts policies by aggregation time and checks everything. The error is an *InvalidError or a *LimitError; c may
// then be partly sorted.
func (c *Configuration) Tidy() error {
	for name, collection := range c.Collections {
		if collection == nil {
			return invalidf("the time series configuration of collection %q is empty", name)
		}
		if err := collection.tidy(); err != nil {
			return err
		}
	}
	return c.checkNames()
}

// SetPolicy puts a policy in place of one with its name, or beside the others, and tidies.
func (c *CollectionConfiguration) SetPolicy(p Policy) error {
	if i := c.find(p.Name); i >= 0 {
		c.Policies[i] = p
	} else {
		c.Policies = append(c.Policies, p)
	}
	return c.tidy()
}

// SetRawPolicy sets how long raw entries are kept, and tidies.
func (c *CollectionConfiguration) SetRawPolicy(p RawPolicy) error {
	c.RawPolicy = p
	return c.tidy()
}

// RemovePolicy takes a policy out, the raw one by RawPolicyName, and tidies what is left. It reports whether it was there.
func (c *CollectionConfiguration) RemovePolicy(name string) (bool, error) {
	if strings.EqualFold(name, RawPolicyName) {
		was := c.RawPolicy != RawPolicy{} && c.RawPolicy != defaultRawPolicy()
		c.RawPolicy = defaultRawPolicy()
		return was, c.tidy()
	}
	i := c.find(name)
	if i < 0 {
		return false, nil
	}
	c.Policies = slices.Delete(c.Policies, i, i+1)
	return true, c.tidy()
}

func (c *CollectionConfiguration) find(name string) int {
	return slices.IndexFunc(c.Policies, func(p Policy) bool { return strings.EqualFold(p.Name, name) })
}
