package config

import "strings"

// readArguments splits command-line arguments into settings and the path of the settings file. Forms: --Key=Value (the
// first "=" splits), --Key Value, --Key alone for a Bool, --config-path FILE or -c FILE.
func readArguments(args []string, t *table) (list []given, path string, err error) {
	other := flags()
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, text, hasText := strings.Cut(arg, "=")
		takesValue, isFlag := other[strings.ToLower(name)]
		switch {
		case strings.EqualFold(name, "--config-path") || name == "-c":
			if path, args, err = argumentValue(name, text, hasText, args); err != nil {
				return nil, "", err
			}
		case isFlag && takesValue:
			if _, args, err = argumentValue(name, text, hasText, args); err != nil {
				return nil, "", err
			}
		case isFlag:
		case !strings.HasPrefix(name, "--") || len(name) == 2:
			return nil, "", &ArgumentError{Arg: arg, Want: "settings are written --Key=Value"}
		default:
			key := name[2:]
			if !hasText {
				if text, args, err = settingValue(key, args, t); err != nil {
					return nil, "", err
				}
			}
			list = append(list, given{key: key, text: text, origin: Origin{Source: CommandLine}})
		}
	}
	return list, path, nil
}

// argumentValue returns the value of a flag: what stood behind "=", or the next argument. An empty one is refused.
func argumentValue(name, text string, hasText bool, args []string) (string, []string, error) {
	if !hasText && len(args) > 0 {
		text, args = args[0], args[1:]
	}
	if text == "" {
		return "", nil, &ArgumentError{Arg: name, Want: "needs a value"}
	}
	return text, args, nil
}

// settingValue returns the value of a key written without "=": the next argument, unless the key is a Bool that stands
// alone. An unknown key takes what looks like a value, so that the error is about the key.
func settingValue(key string, args []string, t *table) (string, []string, error) {
	s := t.byKey[strings.ToLower(key)]
	next := ""
	if len(args) > 0 {
		next = args[0]
	}
	if s != nil && s.Type == Bool {
		if strings.EqualFold(next, "true") || strings.EqualFold(next, "false") {
			return next, args[1:], nil
		}
		return "true", args, nil
	}
	if len(args) > 0 && !strings.HasPrefix(next, "--") {
		return next, args[1:], nil
	}
	if s == nil {
		return "", args, nil
	}
	return "", nil, &ArgumentError{Arg: "--" + key, Want: "needs a value"}
}
