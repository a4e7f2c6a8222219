//! The writer alone: rows a second and waits, by changes in flight. `cargo bench --features bench`.

use std::time::Duration;

const SECS: u64 = 4;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    for in_flight in [1, 4, 16, 64] {
        let folder = tempfile::tempdir()?;
        let report = bambitalk::bench::writer(
            &folder.path().join("data"),
            in_flight,
            Duration::from_secs(SECS),
        )
        .await?;
        println!(
            "{in_flight:>3} in flight: {:>6.0} rows/s, p50 {:.2} ms, p99 {:.2} ms",
            report.rows_per_s, report.p50_ms, report.p99_ms
        );
    }
    Ok(())
}
