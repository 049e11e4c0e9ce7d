//! The directory against a list that is filtered and sorted as plainly as possible.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rollbook_domain::{Order, OrderKey, Page, Range, SearchMark, UserFilter, fold};

use crate::fold::is_ordered;
use crate::{Change, Directory, Miss, Person, Run, Sets};

/// What happens to a directory.
#[derive(Debug, Clone)]
enum Step {
    Put(Person<String>),
    Active(String, i64, Option<i64>),
    Delete(String),
    Fold,
    Sort,
}

const ORDERS: [OrderKey; 10] = [
    OrderKey::CreatedAt,
    OrderKey::UpdatedAt,
    OrderKey::EmailAddress,
    OrderKey::Web3Wallet,
    OrderKey::FirstName,
    OrderKey::LastName,
    OrderKey::PhoneNumber,
    OrderKey::Username,
    OrderKey::LastActiveAt,
    OrderKey::LastSignInAt,
];

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0..30_u32).prop_map(|n| format!("user_{}{n}", ["a", "B", "Cd"][n as usize % 3])),
        1 => Just("Ünser".to_owned()),
        1 => Just(format!("user_{}", "Long".repeat(12))),
    ]
}

fn time() -> impl Strategy<Value = i64> {
    0..6_i64
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("ada".to_owned()),
        Just("Émile".to_owned()),
        Just("李".to_owned()),
        Just("a b".to_owned()),
        "[ab ]{1,3}",
        Just("longer than eight bytes".to_owned()),
        Just("longer than eight".to_owned()),
    ]
}

prop_compose! {
    fn person()(
        id in id(),
        times in (time(), time(), prop::option::of(time()), prop::option::of(time())),
        banned in any::<bool>(),
        names in (prop::option::of(name()), prop::option::of(name())),
        username in prop::option::of("[ab]{1,2}"),
        emails in prop::collection::vec(("[ab]{1,2}@[xy]", any::<bool>()), 0..3),
        phones in prop::collection::vec("\\+[12]{1,2}", 0..2),
        wallets in prop::collection::vec("0x[aB]{1,2}", 0..2),
        primary in any::<prop::sample::Index>(),
    ) -> Person<String> {
        let (first, last) = names;
        let (first_name, last_name) = (first.as_deref().map(fold), last.as_deref().map(fold));
        let names = [&first_name, &last_name];
        let names: Vec<_> = names.into_iter().flatten().map(String::as_str).collect();
        let mut search = id.to_lowercase();
        let mut field = |mark: SearchMark, text: &str| {
            search.push(char::from(mark.byte()));
            search.push_str(text);
        };
        for (email, held) in &emails {
            field(if *held { SearchMark::EmailAddress } else { SearchMark::Unclaimed }, email);
        }
        for phone in &phones {
            field(SearchMark::PhoneNumber, phone);
        }
        for wallet in &wallets {
            field(SearchMark::Web3Wallet, &fold(wallet));
        }
        if let Some(username) = &username {
            field(SearchMark::Username, username);
        }
        if !names.is_empty() {
            field(SearchMark::Names, &names.join(" "));
        }
        let email = (!emails.is_empty()).then(|| primary.get(&emails).0.clone());
        Person {
            id,
            created_at: times.0,
            updated_at: times.1,
            last_active_at: times.2,
            last_sign_in_at: times.3,
            banned,
            first_name,
            last_name,
            username,
            email_address: email,
            phone_number: phones.first().cloned(),
            web3_wallet: wallets.first().cloned(),
            search,
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => person().prop_map(Step::Put),
        3 => (id(), time(), prop::option::of(time())).prop_map(|(i, a, s)| Step::Active(i, a, s)),
        2 => id().prop_map(Step::Delete),
        1 => Just(Step::Fold),
        1 => Just(Step::Sort),
    ]
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        6 => Just(None),
        1 => prop_oneof![
            Just(String::new()), Just("a".to_owned()), Just("a b".to_owned()),
            Just("\u{1}".to_owned()), Just("é".to_owned()), Just("@x".to_owned()),
            Just("user_b".to_owned()), Just("0xab".to_owned()), Just("+1".to_owned()),
            Just("李".to_owned()), Just("r".to_owned()), "[ab@]{1,2}",
        ].prop_map(Some),
    ]
}

fn range() -> impl Strategy<Value = Range> {
    let side = || prop_oneof![3 => Just(None), 1 => (-1..7_i64).prop_map(Some)];
    (side(), side()).prop_map(|(after, before)| Range { after, before })
}

/// A filter, whom the store chose, and a page.
type Query = (UserFilter, Option<BTreeSet<String>>, BTreeSet<String>, Page);

fn query() -> impl Strategy<Value = Query> {
    let ids = || prop::collection::btree_set(id(), 0..12);
    let texts = (text(), text(), text(), text(), text());
    let banned = prop_oneof![3 => Just(None), 1 => any::<bool>().prop_map(Some)];
    let only = prop_oneof![4 => Just(None), 1 => ids().prop_map(Some)];
    let except = prop_oneof![4 => Just(BTreeSet::new()), 1 => ids()];
    let order = (prop::sample::select(&ORDERS[..]), any::<bool>());
    let page = (order, 1..8_i64, 0..6_i64, prop::option::of(id()));
    (texts, banned, (range(), range(), range()), only, except, page).prop_map(
        |(texts, banned, ranges, only, except, ((key, descending), limit, offset, after))| {
            let filter = UserFilter {
                query: texts.0,
                name_query: texts.1,
                email_address_query: texts.2,
                phone_number_query: texts.3,
                username_query: texts.4,
                banned,
                created_at: ranges.0,
                last_active_at: ranges.1,
                last_sign_in_at: ranges.2,
                ..UserFilter::default()
            };
            // As requests are refused otherwise.
            let after = after.filter(|_| key == OrderKey::CreatedAt);
            let page = Page {
                order: Order { key, descending },
                limit,
                offset: if after.is_some() { 0 } else { offset },
                starting_after: after.and_then(|id| id.parse().ok()),
            };
            (filter, only, except, page)
        },
    )
}

type Model = BTreeMap<String, Person<String>>;

fn apply(model: &mut Model, step: &Step) -> Option<Change> {
    match step.clone() {
        Step::Put(mut person) => {
            let change = Change::Put(person.clone());
            if let Some(known) = model.get(&person.id) {
                person.last_active_at = known.last_active_at;
                person.last_sign_in_at = known.last_sign_in_at;
            }
            model.insert(person.id.clone(), person);
            Some(change)
        }
        Step::Active(id, last_active_at, last_sign_in_at) => {
            if let Some(person) = model.get_mut(&id) {
                person.last_active_at = Some(last_active_at);
                person.last_sign_in_at = last_sign_in_at.or(person.last_sign_in_at);
            }
            Some(Change::Active { id, last_active_at, last_sign_in_at })
        }
        Step::Delete(id) => {
            model.remove(&id);
            Some(Change::Delete(id))
        }
        Step::Fold | Step::Sort => None,
    }
}

fn admits(query: &Query, person: &Person<String>) -> bool {
    let (filter, only, except, _) = query;
    let fields: Vec<(u8, &str)> = person
        .search
        .split_inclusive(|c: char| c < ' ')
        .scan(0, |mark, field| {
            let own = *mark;
            let text = field.trim_end_matches(|c: char| c < ' ');
            *mark = field.as_bytes()[field.len() - 1];
            Some((own, text))
        })
        .collect();
    let has = |mark: SearchMark, text: &Option<String>| {
        text.as_ref().is_none_or(|text| {
            fields.iter().any(|(own, field)| *own == mark.byte() && field.contains(text.as_str()))
        })
    };
    let names = fields.iter().find(|(mark, _)| *mark == SearchMark::Names.byte());
    let names = names.map_or("", |(_, text)| *text);
    let lies_in = |range: Range, time: Option<i64>| {
        range.after.is_none_or(|after| time.is_some_and(|time| time > after))
            && range.before.is_none_or(|before| time.is_some_and(|time| time < before))
    };
    filter.query.as_ref().is_none_or(|q| fields.iter().any(|(_, f)| f.contains(q.as_str())))
        && filter.name_query.as_ref().is_none_or(|text| names.contains(text.as_str()))
        && has(SearchMark::EmailAddress, &filter.email_address_query)
        && has(SearchMark::PhoneNumber, &filter.phone_number_query)
        && has(SearchMark::Username, &filter.username_query)
        && filter.banned.is_none_or(|banned| person.banned == banned)
        && lies_in(filter.created_at, Some(person.created_at))
        && lies_in(filter.last_active_at, person.last_active_at)
        && lies_in(filter.last_sign_in_at, person.last_sign_in_at)
        && only.as_ref().is_none_or(|only| only.contains(&person.id))
        && !except.contains(&person.id)
}

/// Nulls last both ways, ties by id.
fn cmp(order: Order, a: &Person<String>, b: &Person<String>) -> Ordering {
    fn sided<T: Ord>(descending: bool, a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if descending => b.cmp(&a),
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }
    let down = order.descending;
    let keys = match order.key {
        OrderKey::CreatedAt => sided(down, Some(a.created_at), Some(b.created_at)),
        OrderKey::UpdatedAt => sided(down, Some(a.updated_at), Some(b.updated_at)),
        OrderKey::EmailAddress => sided(down, a.email_address.as_ref(), b.email_address.as_ref()),
        OrderKey::Web3Wallet => sided(down, a.web3_wallet.as_ref(), b.web3_wallet.as_ref()),
        OrderKey::FirstName => sided(down, a.first_name.as_ref(), b.first_name.as_ref()),
        OrderKey::LastName => sided(down, a.last_name.as_ref(), b.last_name.as_ref()),
        OrderKey::PhoneNumber => sided(down, a.phone_number.as_ref(), b.phone_number.as_ref()),
        OrderKey::Username => sided(down, a.username.as_ref(), b.username.as_ref()),
        OrderKey::LastActiveAt => sided(down, a.last_active_at, b.last_active_at),
        OrderKey::LastSignInAt => sided(down, a.last_sign_in_at, b.last_sign_in_at),
    };
    keys.then_with(|| sided(down, Some(&a.id), Some(&b.id)))
}

/// What the directory should answer.
fn expected(model: &Model, query: &Query) -> (Option<Vec<String>>, usize) {
    let page = &query.3;
    let mut all: Vec<_> = model.values().filter(|person| admits(query, person)).collect();
    all.sort_by(|a, b| cmp(page.order, a, b));
    let count = all.len();
    if let Some(after) = &page.starting_after {
        let Some(after) = model.get(after.as_str()) else { return (None, count) };
        all.retain(|person| cmp(page.order, person, after) == Ordering::Greater);
    }
    let (offset, limit) = (page.offset.try_into().unwrap(), page.limit.try_into().unwrap());
    (Some(all.into_iter().skip(offset).take(limit).map(|p| p.id.clone()).collect()), count)
}

fn agree(directory: &Directory, model: &Model, queries: &[Query]) -> Result<(), TestCaseError> {
    for query in queries {
        let (filter, only, except, page) = query;
        let mut sets = Sets::default();
        if let Some(only) = only {
            sets.only(only.iter().cloned());
        }
        sets.except(except.iter().cloned());
        let version = directory.version();
        let (ids, count) = expected(model, query);
        prop_assert_eq!(directory.page(version, filter, &sets, page), Ok(ids), "{:?}", query);
        prop_assert_eq!(directory.count(version, filter, &sets), Ok(count), "{:?}", query);
        prop_assert_eq!(directory.count(version + 1, filter, &sets), Err(Miss::Version(version)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_directory_answers_as_a_sorted_list_does(
        first in prop::collection::vec(person(), 0..30),
        n_runs in 1..3_usize,
        steps in prop::collection::vec((step(), prop::collection::vec(query(), 0..3)), 0..40),
        queries in prop::collection::vec(query(), 8),
    ) {
        let mut model: Model = first.into_iter().map(|one| (one.id.clone(), one)).collect();
        let mut runs: Vec<Run> = (0..n_runs).map(|_| Run::default()).collect();
        for (n, person) in model.values().enumerate() {
            runs[n % n_runs].push(person);
        }
        let directory = Directory::load(runs, 7);
        agree(&directory, &model, &queries)?;
        for (n, (step, queries)) in steps.iter().enumerate() {
            let change = apply(&mut model, step);
            match step {
                Step::Fold => directory.fold(),
                Step::Sort => {
                    directory.sort_next();
                }
                Step::Put(_) | Step::Active(..) | Step::Delete(_) => {}
            }
            directory.apply(8 + i64::try_from(n).unwrap(), change);
            agree(&directory, &model, queries)?;
        }
        agree(&directory, &model, &queries)?;
        directory.fold();
        prop_assert!(directory.is_in_order());
        prop_assert_eq!(directory.stats().n_users, model.len());
        prop_assert_eq!(directory.stats().n_changed, 0);
        agree(&directory, &model, &queries)?;
    }
}

impl Directory {
    fn is_in_order(&self) -> bool {
        is_ordered(&self.base())
    }
}

/// A person of a large crowd.
fn one_of_many(n: usize) -> Person<String> {
    Person {
        id: format!("user_{:08}", n * 7919 % 1_000_003),
        created_at: i64::try_from(n).unwrap(),
        updated_at: i64::try_from(n * 31 % 1000).unwrap(),
        last_active_at: n.is_multiple_of(3).then_some(i64::try_from(n % 977).unwrap()),
        last_sign_in_at: None,
        banned: n.is_multiple_of(10),
        first_name: Some(format!("first{}", n % 50)),
        last_name: None,
        username: None,
        email_address: Some(format!("a{n}@example.com")),
        phone_number: None,
        web3_wallet: None,
        search: format!(
            "user_{:08}\u{1}a{n}@example.com\u{6}first{}",
            n * 7919 % 1_000_003,
            n % 50
        ),
    }
}

#[test]
fn changes_during_a_fold_are_kept_and_large_orders_are_merged() {
    let n = 30_000;
    let mut run = Run::default();
    let mut model = Model::new();
    for person in (0..n).map(one_of_many) {
        run.push(&person);
        model.insert(person.id.clone(), person);
    }
    let directory = Directory::load(vec![run], 0);
    let order = Order { key: OrderKey::EmailAddress, descending: false };
    let query: Query = (
        UserFilter { query: Some("9@".to_owned()), ..UserFilter::default() },
        None,
        BTreeSet::new(),
        Page { order, limit: 500, offset: 1300, starting_after: None },
    );
    let page =
        |query: &Query| directory.page(directory.version(), &query.0, &Sets::default(), &query.3);
    assert_eq!(page(&query), Err(Miss::Unsorted));
    while directory.sort_next() {}

    for round in 0..4 {
        std::thread::scope(|scope| {
            let folding = scope.spawn(|| directory.fold());
            for k in 600 * round..600 * (round + 1) {
                change(&directory, &mut model, k * 37 % (n + 500));
            }
            folding.join().unwrap();
        });
        for key in ORDERS {
            for descending in [false, true] {
                let mut query = query.clone();
                query.3.order = Order { key, descending };
                agree(&directory, &model, &[query]).unwrap();
            }
        }
    }
    assert!(!directory.is_fold_due());
    for k in 0..2000 {
        change(&directory, &mut model, n + k);
    }
    assert!(directory.is_fold_due());
    directory.fold();
    assert!(!directory.is_fold_due() && directory.is_in_order());
    // Merged, not sorted anew, or it would still be unsorted.
    agree(&directory, &model, &[query]).unwrap();
}

fn change(directory: &Directory, model: &mut Model, n: usize) {
    let mut person = one_of_many(n);
    person.email_address = Some(format!("b{n}9@example.com"));
    person.search = format!("{}\u{1}b{n}9@example.com", person.id);
    let step = match n % 5 {
        0 => Step::Delete(person.id),
        1 => Step::Active(person.id, 5, Some(6)),
        _ => Step::Put(person),
    };
    directory.apply(directory.version() + 1, apply(model, &step));
}
