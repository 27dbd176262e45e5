//! What every driver can do, and what transaction pooling cannot.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::{INSERT, OWN, Program, code, options};

type Checked = Result<Value, Box<dyn std::error::Error>>;

/// Runs every check; the text of an error stands for its result.
pub async fn smoke(program: &Program) -> Map<String, Value> {
    let checks = [
        ("prepared", program.prepared().await),
        ("transaction", program.commits().await),
        ("recovery", program.recovers().await),
        // sqlx cannot send a cancel request.
        ("cancel", Ok(Value::Null)),
        ("copy", program.copies().await),
        ("listen", program.hears().await),
        ("advisoryLock", program.locks().await),
        ("verified", program.verifies().await),
    ];
    checks
        .into_iter()
        .map(|(name, result)| {
            let value = result.unwrap_or_else(|error| json!(error.to_string()));
            (name.to_owned(), value)
        })
        .collect()
}

impl Program {
    async fn rows(&self, worker: i32) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(OWN)
            .bind(&self.input.run)
            .bind(&self.input.driver)
            .bind(worker)
            .fetch_one(&self.pool)
            .await
    }

    async fn prepared(&self) -> Checked {
        let tag = format!("AND n >= 0 /* {} */", self.input.driver);
        let text = format!("{OWN} {tag}");
        let named =
            "SELECT count(*) FROM pg_prepared_statements WHERE right(statement, length($1)) = $1";
        let mut seen = 0;
        for turn in 0..100 {
            let mut transaction = self.pool.begin().await?;
            let zero: i64 = sqlx::query_scalar(AssertSqlSafe(text.clone()))
                .bind(&self.input.run)
                .bind(&self.input.driver)
                .bind(-1)
                .fetch_one(&mut *transaction)
                .await?;
            let count: i64 = sqlx::query_scalar(named)
                .bind(&tag)
                .fetch_one(&mut *transaction)
                .await?;
            transaction.commit().await?;
            if zero != 0 {
                return Err("another answer than 0".into());
            }
            seen += count;
            if turn > 12 && seen > 0 {
                return Ok(json!(true));
            }
        }
        Err("no prepared statement in the server".into())
    }

    async fn add(
        &self,
        row: i32,
    ) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(INSERT)
            .bind(&self.input.run)
            .bind(&self.input.driver)
            .bind(0)
            .bind(row)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction)
    }

    async fn commits(&self) -> Checked {
        self.add(0).await?.commit().await?;
        self.add(1).await?.rollback().await?;
        // Dropped: rolled back before the connection is used again.
        drop(self.add(2).await?);
        Ok(json!(self.rows(0).await? == 1))
    }

    async fn recovers(&self) -> Checked {
        let mut transaction = self.pool.begin().await?;
        let divided = sqlx::query("SELECT 1 / $1::int")
            .bind(0)
            .execute(&mut *transaction)
            .await;
        transaction.rollback().await?;
        match divided {
            Err(error) if code(&error) == "22012" => {}
            other => return Err(format!("the error was {other:?}").into()),
        }
        let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&self.pool).await?;
        Ok(json!(one == 1))
    }

    async fn copies(&self) -> Checked {
        let (run, driver) = (&self.input.run, &self.input.driver);
        let rows: String = (1..=3).map(|n| format!("{run}\t{driver}\t{n}\n")).collect();
        let mut connection = self.pool.acquire().await?;
        let mut copy = connection
            .copy_in_raw("COPY driver_copies (run, driver, n) FROM STDIN")
            .await?;
        copy.send(rows.into_bytes()).await?;
        copy.finish().await?;
        let sum = "SELECT sum(n) FROM driver_copies WHERE run = $1 AND driver = $2";
        let sum: i64 = sqlx::query_scalar(sum)
            .bind(run)
            .bind(driver)
            .fetch_one(&self.pool)
            .await?;
        Ok(json!(sum == 6))
    }

    async fn hears(&self) -> Checked {
        let channel = format!("c_{}_{}", self.input.driver, self.input.run);
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(&channel).await?;
        let notified = sqlx::query("SELECT pg_notify($1, '')")
            .bind(&channel)
            .execute(&self.pool)
            .await;
        match notified {
            // The LISTEN stayed with the server connection that this query got, and sqlx expects no notification there.
            Err(sqlx::Error::Protocol(text)) if text.contains("NotificationResponse") => {
                return Ok(json!(false));
            }
            other => other?,
        };
        let heard = tokio::time::timeout(Duration::from_secs(1), listener.recv()).await;
        Ok(json!(matches!(heard, Ok(Ok(_)))))
    }

    async fn locks(&self) -> Checked {
        let key = format!("{}{}", self.input.run, self.input.driver);
        sqlx::query("SELECT pg_advisory_lock(hashtext($1))")
            .bind(&key)
            .execute(&self.pool)
            .await?;
        let others = (0..4).map(|_| {
            let (pool, key) = (self.pool.clone(), key.clone());
            tokio::spawn(async move {
                let mut transaction = pool.begin().await?;
                let got = sqlx::query("SELECT pg_try_advisory_lock(hashtext($1))")
                    .bind(key)
                    .fetch_one(&mut *transaction)
                    .await?
                    .try_get::<bool, _>(0)?;
                sqlx::query("SELECT pg_sleep(0.1)")
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                Ok::<_, sqlx::Error>(got)
            })
        });
        let mut excludes = true;
        for other in others.collect::<Vec<_>>() {
            excludes &= !other.await??;
        }
        Ok(json!(excludes))
    }

    async fn verifies(&self) -> Checked {
        let settings = &self.input.settings;
        let foreign = options(&self.input.url, settings)?.ssl_root_cert(&self.input.foreign_ca);
        let elsewhere = options(&self.input.other_address_url, settings)?;
        for other in [foreign, elsewhere] {
            match PgConnection::connect_with(&other).await {
                Ok(_) => return Err("a wrong certificate was accepted".into()),
                Err(error) if error.to_string().contains("certificate") => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(json!(true))
    }
}
