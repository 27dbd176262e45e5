//! sqlx with its default statement cache. What it does: test/support/drivers/contract.ts.

mod smoke;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::watch;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retry {
    attempts: u32,
    first_delay: f64,
    factor: f64,
    largest_delay: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    application_name: String,
    pool_size: u32,
    max_overflow: u32,
    recycle: f64,
    pre_ping: bool,
    pool_timeout: f64,
    statement_timeout: f64,
    retry: Retry,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    mode: String,
    driver: String,
    run: String,
    url: String,
    settings: Settings,
    #[serde(default)]
    foreign_ca: String,
    #[serde(default)]
    other_address_url: String,
    #[serde(default)]
    workers: usize,
    #[serde(default)]
    pause: u64,
}

fn options(url: &str, settings: &Settings) -> Result<PgConnectOptions, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    Ok(options.application_name(&settings.application_name))
}

fn open(input: &Input) -> Result<PgPool, sqlx::Error> {
    let settings = &input.settings;
    Ok(PgPoolOptions::new()
        .max_connections(settings.pool_size + settings.max_overflow)
        .max_lifetime(Duration::from_secs_f64(settings.recycle))
        .acquire_timeout(Duration::from_secs_f64(settings.pool_timeout))
        .test_before_acquire(settings.pre_ping)
        .connect_lazy_with(options(&input.url, settings)?))
}

fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(|server| server.code())
        .unwrap_or_default()
        .into_owned()
}

/// SQLSTATE classes that a repeat cannot heal: data, constraint, prepared statement, syntax or right.
fn is_hopeless(error: &sqlx::Error) -> bool {
    ["22", "23", "26", "42"]
        .iter()
        .any(|class| code(error).starts_with(class))
}

const INSERT: &str = "INSERT INTO driver_rows VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const OWN: &str = "SELECT count(*) FROM driver_rows WHERE run = $1 AND driver = $2 AND worker = $3";

#[derive(Default)]
struct Report {
    retried: u32,
    failed: u32,
    errors: BTreeMap<String, u32>,
}

struct Program {
    input: Input,
    pool: PgPool,
    report: Mutex<Report>,
}

impl Program {
    async fn attempt(&self, worker: i32, row: i32) -> Result<(), sqlx::Error> {
        let Input { run, driver, .. } = &self.input;
        let mut transaction = self.pool.begin().await?;
        sqlx::query(INSERT)
            .bind(run)
            .bind(driver)
            .bind(worker)
            .bind(row)
            .execute(&mut *transaction)
            .await?;
        let _: i64 = sqlx::query_scalar(OWN)
            .bind(run)
            .bind(driver)
            .bind(worker)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// With a time limit, which sqlx itself does not have.
    async fn once(&self, worker: i32, row: i32) -> Result<(), sqlx::Error> {
        let limit = Duration::from_secs_f64(self.input.settings.statement_timeout);
        let ended = tokio::time::timeout(limit, self.attempt(worker, row)).await;
        ended.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())))
    }

    fn saw(&self, error: &sqlx::Error, is_last: bool) {
        let text = error.to_string();
        let message = format!(
            "{} {}",
            code(error),
            text.lines().next().unwrap_or_default()
        );
        let mut report = self.report.lock().unwrap();
        *report.errors.entry(message.trim().to_owned()).or_default() += 1;
        if is_last {
            report.failed += 1;
        } else {
            report.retried += 1;
        }
    }

    /// True once the transaction is committed.
    async fn repeat(&self, worker: i32, row: i32) -> bool {
        let retry = &self.input.settings.retry;
        for attempt in 1.. {
            let Err(error) = self.once(worker, row).await else {
                return true;
            };
            let is_last = is_hopeless(&error) || attempt == retry.attempts;
            self.saw(&error, is_last);
            if is_last {
                break;
            }
            let longest = retry.first_delay * retry.factor.powf(f64::from(attempt - 1));
            // Full jitter.
            let delay = rand::random::<f64>() * longest.min(retry.largest_delay);
            tokio::time::sleep(Duration::from_secs_f64(delay)).await;
        }
        false
    }

    /// Rows that a worker has committed until `over` changes.
    async fn work(&self, worker: i32, mut over: watch::Receiver<()>) -> i32 {
        let mut acknowledged = 0;
        loop {
            tokio::select! {
                _ = over.changed() => return acknowledged,
                () = tokio::time::sleep(Duration::from_millis(self.input.pause)) => {}
            }
            if self.repeat(worker, acknowledged).await {
                acknowledged += 1;
            }
        }
    }
}

/// Workers that commit until standard input ends.
async fn load(
    program: &Arc<Program>,
    mut stdin: impl AsyncReadExt + Unpin,
) -> Result<Map<String, Value>, Box<dyn Error>> {
    let (end, over) = watch::channel(());
    let workers: Vec<_> = (0..program.input.workers)
        .map(|worker| {
            let (own, over) = (Arc::clone(program), over.clone());
            tokio::spawn(async move { own.work(i32::try_from(worker).unwrap(), over).await })
        })
        .collect();
    stdin.read_to_end(&mut Vec::new()).await?;
    end.send(())?;
    let mut acknowledged = Vec::new();
    for worker in workers {
        acknowledged.push(worker.await?);
    }
    let report = program.report.lock().unwrap();
    Ok(Map::from_iter([
        ("acknowledged".to_owned(), json!(acknowledged)),
        ("retried".to_owned(), json!(report.retried)),
        ("failed".to_owned(), json!(report.failed)),
        ("errors".to_owned(), json!(report.errors)),
    ]))
}

fn version() -> &'static str {
    let (_, after) = include_str!("../Cargo.lock")
        .split_once("name = \"sqlx\"\nversion = \"")
        .expect("Cargo.lock names sqlx");
    after.split('"').next().unwrap_or_default()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut stdin = BufReader::new(tokio::io::stdin());
    let mut line = String::new();
    stdin.read_line(&mut line).await?;
    let input: Input = serde_json::from_str(&line)?;
    let pool = open(&input)?;
    let report = Mutex::default();
    let program = Arc::new(Program {
        input,
        pool,
        report,
    });
    let mut answer = if program.input.mode == "smoke" {
        smoke::smoke(&program).await
    } else {
        load(&program, stdin).await?
    };
    program.pool.close().await;
    answer.insert("version".to_owned(), json!(version()));
    println!("{}", Value::Object(answer));
    Ok(())
}
