//! tokio-postgres in deadpool, which caches prepared statements. What it does: test/support/drivers/contract.ts.

mod pool;
mod smoke;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pool::{code, described, open, text, Failure, Pool};
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    pub attempts: u32,
    pub first_delay: f64,
    pub factor: f64,
    pub largest_delay: f64,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub application_name: String,
    pub pool_size: usize,
    pub max_overflow: usize,
    pub recycle: u64,
    pub pre_ping: bool,
    pub connect_timeout: u64,
    pub pool_timeout: u64,
    pub statement_timeout: u64,
    pub retry: Retry,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    pub mode: String,
    pub driver: String,
    pub run: String,
    pub url: String,
    pub settings: Settings,
    #[serde(default)]
    pub foreign_ca: String,
    #[serde(default)]
    pub other_address_url: String,
    #[serde(default)]
    pub workers: usize,
    #[serde(default)]
    pub pause: u64,
}

pub const INSERT: &str = "INSERT INTO driver_rows VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
pub const OWN: &str = "SELECT count(*) FROM driver_rows WHERE run = $1 AND driver = $2 AND worker = $3";

#[derive(Default)]
struct Seen {
    retried: u32,
    failed: u32,
    errors: BTreeMap<String, u32>,
}

async fn once(pool: &Pool, input: &Input, worker: i32, row: i32) -> Result<(), Failure> {
    let mut client = pool.get().await?;
    let insert = client.prepare_cached(INSERT).await?;
    let own = client.prepare_cached(OWN).await?;
    let transaction = client.transaction().await?;
    transaction.execute(&insert, &[&input.run, &input.driver, &worker, &row]).await?;
    transaction.query_one(&own, &[&input.run, &input.driver, &worker]).await?;
    Ok(transaction.commit().await?)
}

/// SQLSTATE classes that a repeat cannot heal: data, constraint, prepared statement, syntax or right.
fn is_hopeless(failure: &Failure) -> bool {
    code(failure).is_some_and(|code| ["22", "23", "26", "42"].iter().any(|class| code.starts_with(class)))
}

async fn repeat(pool: &Pool, input: &Input, (worker, row): (i32, i32), seen: &Mutex<Seen>) -> bool {
    let retry = &input.settings.retry;
    for attempt in 1.. {
        let limit = Duration::from_secs(input.settings.statement_timeout);
        let failure = match tokio::time::timeout(limit, once(pool, input, worker, row)).await {
            Ok(Ok(())) => return true,
            Ok(Err(failure)) => failure,
            Err(elapsed) => text(elapsed.to_string()),
        };
        let is_last = is_hopeless(&failure) || attempt == retry.attempts;
        {
            let mut seen = seen.lock().unwrap();
            *seen.errors.entry(described(&failure)).or_default() += 1;
            if is_last {
                seen.failed += 1;
                return false;
            }
            seen.retried += 1;
        }
        let longest = (retry.first_delay * retry.factor.powi(attempt as i32 - 1)).min(retry.largest_delay);
        // Full jitter.
        tokio::time::sleep(Duration::from_secs_f64(rand::random::<f64>() * longest)).await;
    }
    false
}

async fn load(pool: Pool, input: &Input, mut stdin: BufReader<tokio::io::Stdin>) -> Value {
    let over = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let workers: Vec<_> = (0..input.workers as i32)
        .map(|worker| {
            let (pool, input, over, seen) = (pool.clone(), input.clone(), over.clone(), seen.clone());
            tokio::spawn(async move {
                let mut row = 0;
                while !over.load(Ordering::Relaxed) {
                    if repeat(&pool, &input, (worker, row), &seen).await {
                        row += 1;
                    }
                    tokio::time::sleep(Duration::from_millis(input.pause)).await;
                }
                row
            })
        })
        .collect();
    let _ = stdin.read_to_end(&mut Vec::new()).await;
    over.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for worker in workers {
        acknowledged.push(worker.await.unwrap());
    }
    let seen = seen.lock().unwrap();
    json!({ "acknowledged": acknowledged, "retried": seen.retried, "failed": seen.failed, "errors": seen.errors })
}

/// Version of tokio-postgres, as it is locked.
fn version() -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let from = lock.find("name = \"tokio-postgres\"\nversion = \"").unwrap();
    lock[from..].split('"').nth(3).unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut stdin = BufReader::new(tokio::io::stdin());
    let mut line = String::new();
    stdin.read_line(&mut line).await?;
    let input: Input = serde_json::from_str(&line)?;
    let pool = open(&input.url, &input.settings)?;
    let mut answer = match input.mode.as_str() {
        "smoke" => smoke::run(pool, &input).await,
        _ => load(pool, &input, stdin).await,
    };
    answer["version"] = json!(version());
    println!("{answer}");
    Ok(())
}
