package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// What every driver can do, and what transaction pooling cannot.
func (p *program) smoke(answer map[string]any) {
	ctx := context.Background()
	checks := map[string]func(context.Context) (bool, error){
		"prepared":     p.prepared,
		"transaction":  p.commits,
		"recovery":     p.recovers,
		"cancel":       p.cancels,
		"copy":         p.copies,
		"listen":       p.hears,
		"advisoryLock": p.locks,
		"verified":     p.verifies,
	}
	for name, check := range checks {
		holds, err := check(ctx)
		if err != nil {
			answer[name] = err.Error()
		} else {
			answer[name] = holds
		}
	}
}

func (p *program) value(ctx context.Context, text string, values ...any) (int, error) {
	var result int
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error { return tx.QueryRow(ctx, text, values...).Scan(&result) })
	return result, err
}

func (p *program) prepared(ctx context.Context) (bool, error) {
	// Of this driver alone: others use the same server connections.
	tag := "AND n >= 0 /* " + p.Driver + " */"
	const named = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE $1"
	seen := 0
	for turn := 0; turn < 12 || (turn < 100 && seen == 0); turn++ {
		err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
			var zero int
			if err := tx.QueryRow(ctx, own+" "+tag, p.Run, p.Driver, -1).Scan(&zero); err != nil {
				return err
			}
			return errors.Join(must(zero == 0, "another answer than 0"), tx.QueryRow(ctx, named, "%"+tag).Scan(&seen))
		})
		if err != nil {
			return false, err
		}
	}
	return true, must(seen > 0, "no prepared statement in the server")
}

func (p *program) commits(ctx context.Context) (bool, error) {
	add := func(row int, after error) error {
		return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, insert, p.Run, p.Driver, 0, row)
			return errors.Join(err, after)
		})
	}
	if err := add(0, nil); err != nil {
		return false, err
	}
	_ = add(1, errors.New("undo"))
	count, err := p.value(ctx, own, p.Run, p.Driver, 0)
	return count == 1, err
}

func (p *program) recovers(ctx context.Context) (bool, error) {
	_, failure := p.value(ctx, "SELECT 1 / $1::int", 0)
	one, err := p.value(ctx, "SELECT 1")
	return one == 1, errors.Join(must(code(failure) == "22012", "the error was %v", failure), err)
}

func (p *program) cancels(ctx context.Context) (bool, error) {
	tag := fmt.Sprintf("/* cancel %s %s */", p.Run, p.Driver)
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, _ = p.pool.Exec(short, "SELECT pg_sleep(30) "+tag)
	for range 40 {
		running := "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1"
		count, err := p.value(ctx, running, "SELECT pg_sleep%"+tag)
		if err != nil || count == 0 {
			return true, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false, errors.New("the query went on")
}

func (p *program) copies(ctx context.Context) (bool, error) {
	rows := [][]any{{p.Run, p.Driver, 1}, {p.Run, p.Driver, 2}, {p.Run, p.Driver, 3}}
	columns := []string{"run", "driver", "n"}
	if _, err := p.pool.CopyFrom(ctx, pgx.Identifier{"driver_copies"}, columns, pgx.CopyFromRows(rows)); err != nil {
		return false, err
	}
	sum, err := p.value(ctx, "SELECT sum(n) FROM driver_copies WHERE run = $1 AND driver = $2", p.Run, p.Driver)
	return sum == 6, err
}

func (p *program) hears(ctx context.Context) (bool, error) {
	channel := "c_" + p.Driver + "_" + p.Run
	connection, err := p.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer connection.Release()
	if _, err := connection.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, err
	}
	if _, err := p.pool.Exec(ctx, "NOTIFY "+channel); err != nil {
		return false, err
	}
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err = connection.Conn().WaitForNotification(short)
	return err == nil, nil
}

func (p *program) locks(ctx context.Context) (bool, error) {
	key := fmt.Sprintf("hashtext('%s%s')", p.Run, p.Driver)
	if _, err := p.pool.Exec(ctx, "SELECT pg_advisory_lock("+key+")"); err != nil {
		return false, err
	}
	var others sync.WaitGroup
	got := make([]bool, 4)
	for n := range got {
		others.Go(func() {
			_ = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
				err := tx.QueryRow(ctx, "SELECT pg_try_advisory_lock("+key+")").Scan(&got[n])
				_, sleep := tx.Exec(ctx, "SELECT pg_sleep(0.1)")
				return errors.Join(err, sleep)
			})
		})
	}
	others.Wait()
	for _, each := range got {
		if each {
			return false, nil
		}
	}
	return true, nil
}

func (p *program) verifies(ctx context.Context) (bool, error) {
	foreign := regexp.MustCompile("sslrootcert=[^&]*").ReplaceAllString(p.URL, "sslrootcert="+p.ForeignCa)
	for _, url := range []string{foreign, p.OtherAddressUrl} {
		connection, err := pgx.Connect(ctx, url)
		if err == nil {
			return false, errors.Join(errors.New("a wrong certificate was accepted"), connection.Close(ctx))
		}
		if !strings.Contains(err.Error(), "certificate") {
			return false, err
		}
	}
	return true, nil
}
