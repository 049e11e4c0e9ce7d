//! What queries of a directory cost: `cargo run --release -p rollbook-directory --example figures -- 1000000`.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use rollbook_directory::{Change, Directory, Person, Run, Sets};
use rollbook_domain::{Order, OrderKey, Page, Range, UserFilter};

const FIRST: [&str; 12] = [
    "ada", "grace", "linus", "barbara", "donald", "edsger", "frances", "guido", "margaret", "ken",
    "dennis", "yomara",
];
const LAST: [&str; 10] = [
    "lovelace", "hopper", "torvalds", "liskov", "knuth", "dijkstra", "allen", "rossum", "hamilton",
    "thompson",
];

/// A generator that gives the same numbers every time (xorshift64*).
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let n = self.below(all.len() as u64);
        all.get(usize::try_from(n).unwrap_or_default()).copied().unwrap_or_default()
    }
}

fn person(n: u64, rng: &mut Rng) -> Person<String> {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (first, last) = (rng.pick(&FIRST), rng.pick(&LAST));
    let id: String = (0..23)
        .filter_map(|_| DIGITS.get(usize::try_from(rng.below(62)).unwrap_or_default()))
        .map(|digit| char::from(*digit))
        .collect();
    let id = format!("user_2a{:02}{id}", n * 60 / 1_000_000);
    let host = if rng.below(10) < 4 { "gmail.com" } else { "example.com" };
    let email = format!("{first}.{last}{n}@{host}");
    let second = format!("{last}{n}@work.example.com");
    let phone = format!("+1555{n:07}");
    let username = (rng.below(10) < 7).then(|| format!("{first}{n}"));
    let mut search = format!("{}\u{1}{email}\u{1}{second}\u{2}{phone}", id.to_lowercase());
    if let Some(username) = &username {
        search.push('\u{4}');
        search.push_str(username);
    }
    search.extend(["\u{6}", first, " ", last]);
    let at = 1_700_000_000_000 + i64::try_from(n * 1000).unwrap_or_default();
    let later = |rng: &mut Rng| at + i64::try_from(rng.below(1_000_000_000)).unwrap_or_default();
    Person {
        id,
        created_at: at,
        updated_at: later(rng),
        last_active_at: (rng.below(10) < 4).then(|| later(rng)),
        last_sign_in_at: (rng.below(10) < 4).then(|| later(rng)),
        banned: rng.below(100) == 0,
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        username,
        email_address: Some(email),
        phone_number: Some(phone),
        web3_wallet: None,
        search,
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn timed(name: &str, runs: usize, mut run: impl FnMut() -> usize) {
    let mut found = 0;
    let times = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            found = black_box(run());
            begun.elapsed()
        })
        .collect();
    println!("{name:52} {:10.3} ms   {found}", median(times).as_secs_f64() * 1000.0);
}

fn anonymous_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() {
    let n: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let mut rng = Rng(42);
    let mut run = Run::default();
    let begun = Instant::now();
    for n in 0..n {
        run.push(&person(n, &mut rng));
    }
    println!("made in {:?}", begun.elapsed());
    let begun = Instant::now();
    let directory = Directory::load(vec![run], 0);
    println!(
        "loaded in {:?}: {:?}, {} MB anonymous",
        begun.elapsed(),
        directory.stats(),
        anonymous_mb()
    );
    let begun = Instant::now();
    while directory.sort_next() {}
    println!(
        "sorted in {:?}: {:?}, {} MB anonymous",
        begun.elapsed(),
        directory.stats(),
        anonymous_mb()
    );

    let mut changed = Vec::new();
    for _ in 0..2 {
        queries(&directory, n);
        let begun = Instant::now();
        changed.clear();
        let some = n / 125;
        for k in 0..some {
            let person = person(n + k, &mut rng);
            changed.push(person.id.clone());
            directory.apply(directory.version() + 1, [Change::Put(person)]);
        }
        println!("{some} new users in {:?}", begun.elapsed());
    }
    let begun = Instant::now();
    directory.fold();
    println!(
        "folded in {:?}: {:?}, {} MB anonymous",
        begun.elapsed(),
        directory.stats(),
        anonymous_mb()
    );
    let begun = Instant::now();
    for id in &changed {
        let change = Change::Active { id: id.clone(), last_active_at: 5, last_sign_in_at: None };
        directory.apply(directory.version() + 1, [change]);
    }
    println!("{} activities in {:?}", changed.len(), begun.elapsed());
    let begun = Instant::now();
    directory.fold();
    println!("folded in {:?}: {} MB anonymous", begun.elapsed(), anonymous_mb());
}

fn queries(directory: &Directory, n: u64) {
    let version = directory.version();
    let sets = Sets::default();
    let newest = Page { order: Order::NEWEST, limit: 10, offset: 0, starting_after: None };
    let page = |filter: &UserFilter, page: &Page| {
        let found = directory.page(version, filter, &sets, page);
        found.ok().flatten().map_or(usize::MAX, |ids| ids.len())
    };
    let count = |filter: &UserFilter| directory.count(version, filter, &sets).unwrap_or(usize::MAX);
    let text = |text: &str| UserFilter { query: Some(text.to_owned()), ..UserFilter::default() };
    let exact = format!("ada.lovelace{}@gmail.com", n / 3);
    for term in ["gmail", "yoma", "an", "q", "é", "ada knuth", &exact, "zzqxj", "@gmail.con", "com"]
    {
        timed(&format!("page 10 of {term}"), 11, || page(&text(term), &newest));
        timed(&format!("count of {term}"), 11, || count(&text(term)));
    }
    let filter = UserFilter { username_query: Some("é".to_owned()), ..UserFilter::default() };
    timed("page 10 of username_query without matches", 11, || page(&filter, &newest));
    let filter = UserFilter { username_query: Some("com".to_owned()), ..UserFilter::default() };
    timed("page 10 of username_query com, in every email", 11, || page(&filter, &newest));
    timed("count without filter", 11, || count(&UserFilter::default()));
    let banned = |banned| UserFilter { banned: Some(banned), ..UserFilter::default() };
    timed("count banned=false", 11, || count(&banned(false)));
    timed("count banned=true", 11, || count(&banned(true)));
    let middle = 1_700_000_000_000 + i64::try_from(n * 500).unwrap_or_default();
    let active = UserFilter {
        last_active_at: Range { after: Some(middle), before: None },
        ..UserFilter::default()
    };
    timed("count last_active_at range", 11, || count(&active));
    let at = |offset: u64| Page { offset: i64::try_from(offset).unwrap_or(0), ..newest.clone() };
    timed("offset half", 11, || page(&UserFilter::default(), &at(n / 2)));
    timed("offset half, banned=false", 11, || page(&banned(false), &at(n / 2)));
    let middle_id = directory.page(version, &UserFilter::default(), &sets, &at(n / 2));
    let after = middle_id.ok().flatten().and_then(|ids| ids.first()?.parse().ok());
    timed("cursor in the middle", 11, || {
        page(&UserFilter::default(), &Page { starting_after: after.clone(), ..newest.clone() })
    });
    for key in
        [OrderKey::UpdatedAt, OrderKey::EmailAddress, OrderKey::FirstName, OrderKey::LastActiveAt]
    {
        let order = Order { key, descending: true };
        let by = |offset: u64| Page { order, ..at(offset) };
        timed(&format!("by {key:?}"), 11, || page(&UserFilter::default(), &by(0)));
        timed(&format!("by {key:?}, offset half"), 11, || page(&UserFilter::default(), &by(n / 2)));
        timed(&format!("by {key:?}, active range"), 11, || page(&active, &by(0)));
        timed(&format!("by {key:?}, banned=true, offset n/200"), 11, || {
            page(&banned(true), &by(n / 200))
        });
    }
}
