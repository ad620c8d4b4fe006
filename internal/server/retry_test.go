package server_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rookerydb/rookery/internal/cluster"
	"github.com/rookerydb/rookery/internal/fault"
	"github.com/rookerydb/rookery/internal/server"
	"github.com/rookerydb/rookery/internal/storage"
	"github.com/rookerydb/rookery/internal/vfs/memfs"
)

// A database that was created on a full disk opens by itself when there is room, without another request or a restart.
func TestServer_OpensADatabaseWhenThereIsRoomAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := memfs.New()
		s := open(t, options(disk))
		synctest.Wait()
		disk.SetSizeBytesMax(disk.UsedBytes() + 16<<10)
		_, err := s.CreateDatabase(t.Context(), "", cluster.CreateDatabase{Name: "Shop"})
		wantError[*server.DatabaseLoadError](t, err, fault.Unavailable)
		if !errors.As(err, new(*storage.DiskFullError)) {
			t.Errorf("create on a full disk: %v, want *storage.DiskFullError in it", err)
		}
		disk.SetSizeBytesMax(0)
		time.Sleep(3 * time.Second) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		synctest.Wait()
		mustFind(t, s, "Shop")
	})
}

// A database that is disabled and enabled during a long read opens when the read has ended.
func TestServer_OpensADatabaseWhenItsLastReaderHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, options(memfs.New()))
		db := create(t, s, "Shop")
		reading, finish := make(chan struct{}), make(chan struct{})
		ended := make(chan error, 1)
		go func() {
			ended <- db.View(func(*storage.ReadTx) error {
				close(reading)
				<-finish
				return nil
			})
		}()
		<-reading
		for _, disabled := range []bool{true, false} {
			if _, err := s.SetDisabled(t.Context(), "", cluster.SetDisabled{Names: []string{"Shop"}, Disabled: disabled}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		_, err := s.Database(t.Context(), "Shop")
		wantError[*server.DatabaseLoadError](t, err, fault.Unavailable)
		close(finish)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		time.Sleep(3 * time.Second) //nolint:forbidigo // in the test's bubble this moves the clock and waits for nothing
		synctest.Wait()
		mustFind(t, s, "Shop")
	})
}
