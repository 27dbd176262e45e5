//! What every driver can do, and what transaction pooling cannot.

use std::time::Duration;

use futures_util::{future::join_all, stream::poll_fn, StreamExt};
use serde_json::{json, Value};
use tokio::time::{sleep, timeout};
use tokio_postgres::types::ToSql;
use tokio_postgres::AsyncMessage;

use crate::pool::{code, config, described, text, Failure, Pool};
use crate::{Input, INSERT, OWN};

type Check = Result<bool, Failure>;

async fn count(pool: &Pool, text: &str, values: &[&(dyn ToSql + Sync)]) -> Result<i64, Failure> {
    let client = pool.get().await?;
    let statement = client.prepare_cached(text).await?;
    Ok(client.query_one(&statement, values).await?.get(0))
}

async fn prepared(pool: &Pool, input: &Input) -> Check {
    let text_of_own = format!("{OWN} AND n >= 0");
    let mut seen = 0;
    for _ in 0..12 {
        let mut client = pool.get().await?;
        let own = client.prepare_cached(&text_of_own).await?;
        let named = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AND n >= 0'";
        let transaction = client.transaction().await?;
        let zero: i64 = transaction.query_one(&own, &[&input.run, &input.driver, &-1]).await?.get(0);
        let here: i64 = transaction.query_one(named, &[]).await?.get(0);
        transaction.commit().await?;
        if zero != 0 {
            return Err(text("another answer than 0"));
        }
        seen += here;
    }
    if seen == 0 { Err(text("no prepared statement in the server")) } else { Ok(true) }
}

async fn commits(pool: &Pool, input: &Input) -> Check {
    for (row, stays) in [(0, true), (1, false)] {
        let mut client = pool.get().await?;
        let transaction = client.transaction().await?;
        transaction.execute(INSERT, &[&input.run, &input.driver, &0, &row]).await?;
        if stays {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
    }
    Ok(count(pool, OWN, &[&input.run, &input.driver, &0]).await? == 1)
}

async fn recovers(pool: &Pool) -> Check {
    let mut client = pool.get().await?;
    let transaction = client.transaction().await?;
    let failure: Failure = match transaction.query_one("SELECT 1 / $1::int", &[&0]).await {
        Ok(_) => return Err(text("no error")),
        Err(error) => error.into(),
    };
    transaction.rollback().await?;
    if code(&failure).as_deref() != Some("22012") {
        return Err(failure);
    }
    Ok(client.query_one("SELECT 1::bigint", &[]).await?.get::<_, i64>(0) == 1)
}

async fn cancels(pool: &Pool, input: &Input) -> Check {
    let tag = format!("/* cancel {} {} */", input.run, input.driver);
    let client = pool.get().await?;
    let (_, tls) = config(&input.url, &input.settings)?;
    let token = client.cancel_token();
    let cancel = async {
        sleep(Duration::from_millis(300)).await;
        token.cancel_query(tls).await
    };
    let query = format!("SELECT pg_sleep(30) {tag}");
    let (_, cancelled) = tokio::join!(client.simple_query(&query), cancel);
    cancelled?;
    let running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1";
    for _ in 0..40 {
        if count(pool, running, &[&format!("SELECT pg_sleep%{tag}")]).await? == 0 {
            return Ok(true);
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err(text("the query went on"))
}

async fn copies(pool: &Pool, input: &Input) -> Check {
    let client = pool.get().await?;
    let sink = client.copy_in::<_, std::io::Cursor<Vec<u8>>>("COPY driver_copies (run, driver, n) FROM STDIN").await?;
    let rows: String = (1..=3).map(|n| format!("{}\t{}\t{n}\n", input.run, input.driver)).collect();
    let mut sink = std::pin::pin!(sink);
    futures_util::SinkExt::send(&mut sink, std::io::Cursor::new(rows.into_bytes())).await?;
    sink.finish().await?;
    let sum = "SELECT sum(n) FROM driver_copies WHERE run = $1 AND driver = $2";
    Ok(count(pool, sum, &[&input.run, &input.driver]).await? == 6)
}

async fn hears(pool: &Pool, input: &Input) -> Check {
    let channel = format!("c_{}_{}", input.driver.replace('-', "_"), input.run);
    let (config, tls) = config(&input.url, &input.settings)?;
    let (client, mut connection) = config.connect(tls).await?;
    let (tell, mut heard) = tokio::sync::mpsc::channel(1);
    let driving = tokio::spawn(async move {
        let mut messages = poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(_) = message {
                let _ = tell.try_send(());
            }
        }
    });
    client.batch_execute(&format!("LISTEN {channel}")).await?;
    pool.get().await?.batch_execute(&format!("NOTIFY {channel}")).await?;
    let arrived = timeout(Duration::from_secs(1), heard.recv()).await.is_ok();
    driving.abort();
    Ok(arrived)
}

async fn locks(pool: &Pool, input: &Input) -> Check {
    let key = format!("hashtext('{}{}')", input.run, input.driver);
    pool.get().await?.batch_execute(&format!("SELECT pg_advisory_lock({key})")).await?;
    let attempt = || async {
        let mut client = pool.get().await?;
        let transaction = client.transaction().await?;
        let got: bool = transaction.query_one(&format!("SELECT pg_try_advisory_lock({key})"), &[]).await?.get(0);
        transaction.batch_execute("SELECT pg_sleep(0.1)").await?;
        transaction.commit().await?;
        Ok::<_, Failure>(got)
    };
    let others = join_all((0..4).map(|_| attempt())).await;
    Ok(!others.into_iter().collect::<Result<Vec<_>, _>>()?.contains(&true))
}

async fn verifies(input: &Input) -> Check {
    let mut foreign = url::Url::parse(&input.url)?;
    foreign.query_pairs_mut().clear().append_pair("sslrootcert", &input.foreign_ca);
    for url in [foreign.as_str(), &input.other_address_url] {
        let (config, tls) = config(url, &input.settings)?;
        match config.connect(tls).await {
            Ok(_) => return Err(text("a wrong certificate was accepted")),
            Err(error) => {
                let failure: Failure = error.into();
                if !described(&failure).contains("certificate") {
                    return Err(failure);
                }
            }
        }
    }
    Ok(true)
}

pub async fn run(pool: Pool, input: &Input) -> Value {
    let shown = |check: Check| check.map_or_else(|failure| json!(described(&failure)), |holds| json!(holds));
    json!({
        "prepared": shown(prepared(&pool, input).await),
        "transaction": shown(commits(&pool, input).await),
        "recovery": shown(recovers(&pool).await),
        "cancel": shown(cancels(&pool, input).await),
        "copy": shown(copies(&pool, input).await),
        "listen": shown(hears(&pool, input).await),
        "advisoryLock": shown(locks(&pool, input).await),
        "verified": shown(verifies(input).await),
    })
}
