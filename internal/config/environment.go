package config

import "strings"

// readEnvironment picks the settings out of env (lines NAME=value). Our own prefix ROOKERY_ wins over RAVEN_, which is
// read so that existing deployments work. Dots may be written as underscores: no key has an underscore of its own.
func readEnvironment(env []string) []given {
	var list []given
	for _, prefix := range []string{"RAVEN_", "ROOKERY_"} {
		for _, line := range env {
			name, text, ok := strings.Cut(line, "=")
			if !ok || len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
				continue
			}
			key := strings.ReplaceAll(name[len(prefix):], "_", ".")
			list = append(list, given{key: key, text: text, origin: Origin{Source: Environment, Name: name}})
		}
	}
	return list
}
