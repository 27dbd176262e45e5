// pgx with its default cache mode. What it does: test/support/drivers/contract.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

type settings struct {
	ApplicationName  string
	PoolSize         int32
	MaxOverflow      int32
	Recycle          float64
	ConnectTimeout   float64
	StatementTimeout float64
	Retry            struct {
		Attempts                         int
		FirstDelay, Factor, LargestDelay float64
	}
}

type input struct {
	Mode, Driver, Run, URL, ForeignCa, OtherAddressUrl string
	Settings                                           settings
	Workers                                            int
	Pause                                              int
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

func open(url string, own settings) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = own.PoolSize + own.MaxOverflow
	config.MaxConnLifetime = seconds(own.Recycle)
	config.ConnConfig.ConnectTimeout = seconds(own.ConnectTimeout)
	config.ConnConfig.RuntimeParams["application_name"] = own.ApplicationName
	return pgxpool.NewWithConfig(context.Background(), config)
}

func code(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code
	}
	return ""
}

// SQLSTATE classes that a repeat cannot heal: data, constraint, prepared statement, syntax or right.
func hopeless(err error) bool {
	for _, class := range []string{"22", "23", "26", "42"} {
		if strings.HasPrefix(code(err), class) {
			return true
		}
	}
	return false
}

func main() {
	stdin := bufio.NewReader(os.Stdin)
	line, err := stdin.ReadBytes('\n')
	if err != nil {
		panic(err)
	}
	var given input
	if err := json.Unmarshal(line, &given); err != nil {
		panic(err)
	}
	pool, err := open(given.URL, given.Settings)
	if err != nil {
		panic(err)
	}
	program := &program{input: given, pool: pool, errors: map[string]int{}}
	answer := map[string]any{"version": version()}
	if given.Mode == "smoke" {
		program.smoke(answer)
	} else {
		program.load(answer, stdin)
	}
	pool.Close()
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		panic(err)
	}
}

func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if module.Path == "github.com/jackc/pgx/v5" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "?"
}

type program struct {
	input
	pool            *pgxpool.Pool
	mutex           sync.Mutex
	retried, failed int
	errors          map[string]int
}

const insert = "INSERT INTO driver_rows VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
const own = "SELECT count(*) FROM driver_rows WHERE run = $1 AND driver = $2 AND worker = $3"

func (p *program) once(worker, row int) error {
	ctx, cancel := context.WithTimeout(context.Background(), seconds(p.Settings.StatementTimeout))
	defer cancel()
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, insert, p.Run, p.Driver, worker, row); err != nil {
			return err
		}
		var count int
		return tx.QueryRow(ctx, own, p.Run, p.Driver, worker).Scan(&count)
	})
}

func (p *program) saw(err error, isLast bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.errors[strings.SplitN(err.Error(), "\n", 2)[0]]++
	if isLast {
		p.failed++
	} else {
		p.retried++
	}
}

func (p *program) repeat(worker, row int) bool {
	retry := p.Settings.Retry
	for attempt := 1; ; attempt++ {
		err := p.once(worker, row)
		if err == nil {
			return true
		}
		isLast := hopeless(err) || attempt == retry.Attempts
		p.saw(err, isLast)
		if isLast {
			return false
		}
		longest := math.Min(retry.LargestDelay, retry.FirstDelay*math.Pow(retry.Factor, float64(attempt-1)))
		// Full jitter.
		time.Sleep(seconds(rand.Float64() * longest))
	}
}

func (p *program) load(answer map[string]any, stdin io.Reader) {
	over := make(chan struct{})
	acknowledged := make([]int, p.Workers)
	var workers sync.WaitGroup
	for worker := range p.Workers {
		workers.Go(func() {
			for {
				select {
				case <-over:
					return
				case <-time.After(time.Duration(p.Pause) * time.Millisecond):
				}
				if p.repeat(worker, acknowledged[worker]) {
					acknowledged[worker]++
				}
			}
		})
	}
	_, _ = io.Copy(io.Discard, stdin)
	close(over)
	workers.Wait()
	answer["acknowledged"] = acknowledged
	answer["retried"] = p.retried
	answer["failed"] = p.failed
	answer["errors"] = p.errors
}

func must(holds bool, format string, values ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, values...)
}
