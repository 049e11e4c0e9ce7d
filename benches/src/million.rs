//! A directory of a million users, and of a tenth of them: import, start, memory, every list and count.

mod peers;
mod plot;
mod population;
mod probe;
mod shapes;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hyper::Method;

use self::peers::{Peer, Questions};
use self::plot::Curve;
use self::probe::Probe;
use self::shapes::Shape;
use crate::bench::Bench;
use crate::people;
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::{self, Server};

/// Longer than any start that is not a failure.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many users are banned, so that the filter has something to find.
const BANNED: usize = 500;

/// What was measured at one size.
#[derive(Debug)]
struct Size {
    users: usize,
    people: std::path::PathBuf,
    imported: Moved,
    exported: Moved,
    taken_back: Moved,
    disk_mib: f64,
    first_get_ms: f64,
    ready_ms: f64,
    memory_mib: f64,
    /// One per shape: the slowest request of each round, and which it was.
    slowest: Vec<(Series, String)>,
    get: Series,
    create: Series,
    server: Server,
    probe: Probe,
}

/// All users, in or out by the command.
#[derive(Debug, Clone, Copy)]
struct Moved {
    rate: f64,
    most_mib: f64,
}

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let small = measure(bench, folder.path(), bench.users / 10)?;
    let mut large = measure(bench, folder.path(), bench.users)?;
    of_one(report, &large);
    growth(report, &small, &large);
    let mut curves = curves(&small, &large);
    curves.extend(beside_peers(bench, report, folder.path(), small, &mut large)?);
    if bench.write {
        let path = server::root().join("docs/users.svg");
        plot::draw(&path, "Growth with the number of users", &curves)?;
    }
    Ok(())
}

fn measure(bench: &Bench, folder: &Path, users: usize) -> Result<Size> {
    let people = folder.join(format!("people-{users}.ndjson"));
    population::write(&people, users)?;
    let store = folder.join(format!("store-{users}"));
    let imported = moved("import", (&store, &people), Some(Server::KEY), users)?;
    let export = folder.join("export");
    let exported = moved("export", (&store, &export), None, users)?;
    let second = folder.join("second");
    let taken_back = moved("import", (&second, &export), None, users)?;
    std::fs::remove_file(&export)?;
    std::fs::remove_dir_all(&second)?;
    let disk_mib = std::fs::metadata(store.join("rollbook.db"))?.len() as f64 / f64::from(1 << 20);

    // Once for the schema of the first start, once as every later start is.
    let first = Server::start(&store, &[])?;
    let one = probe(&first)?.get("/v1/users?limit=1")?;
    let one = first_id(&one)?;
    first.process.stop()?;
    let started = Instant::now();
    let server = Server::start(&store, &[])?;
    let mut probe = probe(&server)?;
    probe.get(&format!("/v1/users/{one}"))?;
    let first_get_ms = started.elapsed().as_secs_f64() * 1000.0;
    while probe.send(&Method::GET, "/readyz", "")?.status != 200 {
        if started.elapsed() > PATIENCE {
            bail!("the server with {users} users is not ready");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let ready_ms = started.elapsed().as_secs_f64() * 1000.0;
    let memory_mib = server.process.anonymous_mib()?;

    ban(&mut probe)?;
    let middle = probe.get(&format!("/v1/users?limit=1&offset={}", users / 2))?;
    let middle = first_id(&middle)?;
    let shapes = shapes::all(users, &middle);
    let mut slowest: Vec<(Series, String)> = shapes.iter().map(|_| Default::default()).collect();
    let (mut get, mut create) = (Series::default(), Series::default());
    for round in 0..bench.rounds {
        for (shape, (series, which)) in shapes.iter().zip(&mut slowest) {
            let (ms, name) = slowest_of(&mut probe, shape)?;
            series.push(ms);
            which.clone_from(&name);
        }
        get.push(probe.median(&[format!("/v1/users/{middle}")])?);
        create.push(creates(&mut probe, users + 100 * round)?);
    }
    let rate = imported.rate;
    println!("{users} users: imported at {rate:.0} a second, ready after {ready_ms:.0} ms");
    Ok(Size {
        users,
        people,
        imported,
        exported,
        taken_back,
        disk_mib,
        first_get_ms,
        ready_ms,
        memory_mib,
        slowest,
        get,
        create,
        server,
        probe,
    })
}

fn probe(server: &Server) -> Result<Probe> {
    let bearer = format!("Bearer {}", Server::KEY);
    Probe::new(&server.address(), &[("authorization", &bearer)])
}

/// The id of the first user of a list.
fn first_id(list: &[u8]) -> Result<String> {
    people::id(list.strip_prefix(b"[").unwrap_or(list)).context("no user")
}

/// Moves all users from a file to a store or back, from exec to exit; `key` is that of the instance
/// that an empty store gets.
fn moved(
    subcommand: &str,
    (store, file): (&Path, &Path),
    key: Option<&str>,
    users: usize,
) -> Result<Moved> {
    let started = Instant::now();
    let mut command = server::command(subcommand, store)?;
    command.envs(key.map(|key| ("ROLLBOOK_SECRET_KEY", key)));
    let child = command.arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let (status, most_mib) = crate::process::wait_with_memory(child)?;
    if !status.success() {
        bail!("the {subcommand} of {users} users failed");
    }
    Ok(Moved { rate: users as f64 / started.elapsed().as_secs_f64(), most_mib })
}

fn ban(probe: &mut Probe) -> Result<()> {
    let list = probe.get(&format!("/v1/users?limit={BANNED}&offset=100"))?;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list)?;
    let ids: Vec<&str> = list.iter().filter_map(|user| user.get("id")?.as_str()).collect();
    for ids in ids.chunks(50) {
        let body = serde_json::json!({ "user_ids": ids }).to_string();
        let answer = probe.send(&Method::POST, "/v1/users/ban", &body)?;
        if answer.status != 200 {
            bail!("banning has status {}", answer.status);
        }
    }
    Ok(())
}

fn slowest_of(probe: &mut Probe, shape: &Shape) -> Result<(f64, String)> {
    let mut slowest = (0.0, String::new());
    for (name, path) in &shape.requests {
        let ms = probe.median(std::slice::from_ref(path))?;
        if ms > slowest.0 {
            slowest = (ms, name.clone());
        }
    }
    Ok(slowest)
}

/// The median time of creating a user, one after the other.
fn creates(probe: &mut Probe, from: usize) -> Result<f64> {
    let mut times = Vec::new();
    for n in from..from + 100 {
        // Beyond the test numbers of phones, so that no two of them clash.
        let body = people::new_user(1_000_000 + n, None);
        let answer = probe.send(&Method::POST, "/v1/users", &body)?;
        if answer.status != 200 {
            bail!("creating a user: {}", String::from_utf8_lossy(&answer.body));
        }
        times.push(answer.ms);
    }
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("nothing was measured")
}

fn of_one(report: &mut Report, size: &Size) {
    let n = thousands(size.users);
    let single = |value: f64| {
        let mut series = Series::default();
        series.push(value);
        series
    };
    for (what, moved) in [
        ("import of {n} users, all indexes", size.imported),
        ("export of {n} users", size.exported),
        ("import of that export", size.taken_back),
    ] {
        let rate = (single(moved.rate), "users/s");
        report.add(
            Figure::new(what.replace("{n}", &n), rate, Target::AtLeast(20_000.0))
                .detail(format!("at most {:.0} MiB of memory (RssAnon)", moved.most_mib)),
        );
    }
    let per_million = size.disk_mib * 1e6 / size.users as f64;
    report.add(
        Figure::new(format!("disk, {n} users"), (single(size.disk_mib), "MiB"), {
            Target::AtMost(1536.0 * size.users as f64 / 1e6)
        })
        .detail(format!("{per_million:.0} MiB per million")),
    );
    report.add(
        Figure::new(
            format!("cold start, {n} users, until the first answer"),
            (single(size.first_get_ms), "ms"),
            Target::AtMost(50.0),
        )
        .detail("from exec".to_owned()),
    );
    report.add(Figure::new(
        format!("cold start, {n} users, until searches come from memory"),
        (single(size.ready_ms), "ms"),
        Target::AtMost(1000.0),
    ));
    report.add(
        Figure::new(
            format!("memory, {n} users"),
            (single(size.memory_mib), "MiB"),
            Target::AtMost(250.0),
        )
        .detail("RssAnon, before any request".to_owned()),
    );
    for (shape, (series, which)) in shapes::all(size.users, "").iter().zip(&size.slowest) {
        let figure = Figure::new(
            format!("{}, {n} users", shape.what),
            (series.clone(), "ms"),
            Target::AtMost(shape.bound),
        );
        let of = shape.requests.len();
        report.add(figure.detail(format!("the slowest of {of}: `{which}`")));
    }
}

/// Times at the large size against those at the small one.
fn growth(report: &mut Report, small: &Size, large: &Size) {
    let against = format!("with {} users", thousands(small.users));
    for (n, what) in [(1, "any search"), (2, "exact count")] {
        if let (Some((ours, _)), Some((theirs, _))) = (large.slowest.get(n), small.slowest.get(n)) {
            report.add(
                Figure::new(
                    format!("growth of the slowest {what}"),
                    (ours.clone(), "ms"),
                    Target::AtMost(13.0),
                )
                .against(against.clone(), theirs.clone()),
            );
        }
    }
    for (what, ours, theirs) in
        [("GET", &large.get, &small.get), ("create", &large.create, &small.create)]
    {
        report.add(
            Figure::new(format!("growth of {what}"), (ours.clone(), "ms"), Target::AtMost(2.0))
                .against(against.clone(), theirs.clone()),
        );
    }
}

fn curves(small: &Size, large: &Size) -> Vec<Curve> {
    let shapes = shapes::all(large.users, "");
    let mut curves: Vec<Curve> = shapes
        .iter()
        .zip(small.slowest.iter().zip(&large.slowest))
        .map(|(shape, ((at_small, _), (at_large, _)))| Curve {
            name: shape.what.to_owned(),
            points: vec![
                (small.users as f64, at_small.median()),
                (large.users as f64, at_large.median()),
            ],
        })
        .collect();
    for (name, at_small, at_large) in
        [("GET a user", &small.get, &large.get), ("create", &small.create, &large.create)]
    {
        let points =
            vec![(small.users as f64, at_small.median()), (large.users as f64, at_large.median())];
        curves.push(Curve { name: name.to_owned(), points });
    }
    curves
}

/// The same questions to the peers, with the same people, in the same rounds.
fn beside_peers(
    bench: &Bench,
    report: &mut Report,
    folder: &Path,
    mut small: Size,
    large: &mut Size,
) -> Result<Vec<Curve>> {
    let node = peers::install()?;
    let mut curves: Vec<Curve> = Vec::new();
    for size in [&mut small, large] {
        let questions = Questions::of(size.users);
        // The server has closed the old connection by now if the other size took long.
        size.probe = probe(&size.server)?;
        let starts: [&dyn Fn() -> Result<Peer>; 2] =
            [&|| peers::better_auth(&node, &size.people, folder), &|| {
                peers::emulate(&node, &size.people)
            }];
        for start in starts {
            let mut peer = start()?;
            let mut ours = vec![Series::default(); Questions::NAMES.len()];
            let mut theirs = ours.clone();
            for _ in 0..bench.rounds {
                for (series, paths) in ours.iter_mut().zip(questions.ours()) {
                    series.push(size.probe.median(&paths)?);
                }
                for (series, ms) in theirs.iter_mut().zip(peer.ask(&questions)?) {
                    series.push(ms);
                }
            }
            let memory = peer.process.anonymous_mib()?;
            for ((what, ours), theirs) in Questions::NAMES.into_iter().zip(ours).zip(theirs) {
                let n = thousands(size.users);
                add_point(&mut curves, &format!("{}: {what}", peer.name), size.users, &theirs);
                report.add(
                    Figure::new(
                        format!("{what}, page and total, {n} users"),
                        (ours, "ms"),
                        Target::AtMost(1.0),
                    )
                    .against(peer.name, theirs)
                    .detail(format!(
                        "{} was filled and ready after {:.0} s and holds {memory:.0} MiB",
                        peer.name, peer.ready_after
                    )),
                );
            }
        }
        let _ = std::fs::remove_file(folder.join("better-auth.db"));
    }
    small.server.process.stop()?;
    Ok(curves)
}

fn add_point(curves: &mut Vec<Curve>, name: &str, users: usize, series: &Series) {
    let point = (users as f64, series.median());
    match curves.iter_mut().find(|curve| curve.name == name) {
        Some(curve) => curve.points.push(point),
        None => curves.push(Curve { name: name.to_owned(), points: vec![point] }),
    }
}

fn thousands(users: usize) -> String {
    format!("{} k", users / 1000)
}
