package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rookerydb/rookery/internal/config"
)

func TestEncryption_Settings(t *testing.T) {
	f := func(want config.Encryption, env []string, args ...string) {
		t.Helper()
		c, warnings := mustParse(t, args, env, "")
		if diff := cmp.Diff(want, c.Encryption); diff != "" || len(warnings) > 0 {
			t.Errorf("%q %q: %v (-want +got):\n%s", args, env, warnings, diff)
		}
	}
	f(config.Encryption{MasterKeyTimeout: 30 * time.Second, MustLock: true}, nil)
	f(config.Encryption{MasterKeyTimeout: 30 * time.Second, MasterKeyPath: "k", Unsecured: true}, nil,
		"--Security.MasterKey.Path=k", "--Security.UnsecuredEncryption.Allowed",
		"--Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true")
	f(config.Encryption{MasterKeyTimeout: 5 * time.Second, MasterKeyProgram: "vault", MasterKeyArguments: "get key", MustLock: true}, nil,
		"--Security.MasterKey.Exec=vault", "--Security.MasterKey.Exec.Arguments=get key", "--Security.MasterKey.Exec.TimeoutInSec=5")
	f(config.Encryption{MasterKeyTimeout: 7 * time.Second, MustLock: true}, nil, "--Security.MasterKey.ExecTimeoutInSec=7")
	f(config.Encryption{MasterKeyTimeout: 30 * time.Second, MasterKeyText: "c2VjcmV0", MustLock: true}, []string{"ROOKERY_MASTER_KEY=c2VjcmV0"})
}

// TestEncryption_OneMasterKey: two sources are refused, and a key where others see it; no message shows a key.
func TestEncryption_OneMasterKey(t *testing.T) {
	f := func(want string, env []string, args ...string) {
		t.Helper()
		_, _, err := config.Parse(args, env, oneFile(`{"Master":{"Key":"c2VjcmV0"}}`))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("%q %q: got %v, want %s", args, env, err, want)
		}
	}
	f("Security.MasterKey.Path is set too", nil, "--Security.MasterKey.Path=k", "--Security.MasterKey.Exec=p")
	f("Security.MasterKey.Path is set too", []string{"ROOKERY_MASTER_KEY=c2VjcmV0"}, "--Security.MasterKey.Path=k")
	f("Security.MasterKey.Exec is set too", []string{"ROOKERY_MASTER_KEY=c2VjcmV0"}, "--Security.MasterKey.Exec=k")
	f("setting Master.Key=*** (command line) is refused: others see", nil, "--Master.Key=c2VjcmV0")
	f("setting Master.Key=*** (settings file s.json) is refused", nil, "-c", "s.json")
	c, _ := mustParse(t, nil, []string{"ROOKERY_MASTER_KEY=c2VjcmV0"}, "")
	for e := range c.Entries() {
		if strings.Contains(e.Value, "c2VjcmV0") {
			t.Errorf("%s shows %q", e.Key, e.Value)
		}
	}
}
