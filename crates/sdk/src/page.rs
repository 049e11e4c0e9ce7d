//! Lists that are longer than a page.

use std::collections::VecDeque;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use serde::de::DeserializeOwned;

use crate::params::Params;
use crate::{Error, Paginated, Request, Result};

const PAGE: i64 = 100;

/// Parameters of a list of `T` that is read in pages.
pub trait Paged<T>: Params + Clone {
    /// Size and beginning of a page, to be read and set.
    #[doc(hidden)]
    fn page(&mut self) -> (&mut Option<i64>, &mut Option<i64>);

    /// Moves on to what follows `page`.
    #[doc(hidden)]
    fn advance(&mut self, page: &[T]) {
        pass_over(self.page().1, page.len());
    }
}

/// Adds what was read to an offset.
pub(crate) fn pass_over(offset: &mut Option<i64>, read: usize) {
    let read = i64::try_from(read).unwrap_or(i64::MAX);
    *offset = Some(offset.unwrap_or(0).saturating_add(read));
}

/// The answer of a list.
pub trait Page: DeserializeOwned + Send {
    /// What it is a list of.
    type Item: Send;

    /// What is on this page.
    #[doc(hidden)]
    fn into_items(self) -> Vec<Self::Item>;
}

impl<T: DeserializeOwned + Send> Page for Vec<T> {
    type Item = T;

    fn into_items(self) -> Vec<T> {
        self
    }
}

impl<T: DeserializeOwned + Send> Page for Paginated<T> {
    type Item = T;

    fn into_items(self) -> Vec<T> {
        self.data
    }
}

struct Reading<P, T> {
    params: P,
    problem: Option<Error>,
    items: VecDeque<T>,
    at_end: bool,
}

pub(crate) fn stream<P: Paged<A::Item>, A: Page>(
    request: Request<P, A>,
) -> impl Stream<Item = Result<A::Item>> + Send {
    let Request { clerk, target, mut params, options, problem, .. } = request;
    let (limit, _) = params.page();
    let size = *limit.get_or_insert(PAGE);
    let start = Reading { params, problem, items: VecDeque::new(), at_end: false };
    try_unfold(start, move |mut reading| {
        let mut request = Request::<P, A>::new(&clerk, target.clone(), reading.params.clone());
        request.options = options.clone();
        request.problem = reading.problem.take();
        async move {
            if reading.items.is_empty() && !reading.at_end {
                let items = request.send().await?.into_items();
                reading.at_end = i64::try_from(items.len()).unwrap_or(i64::MAX) < size;
                reading.params.advance(&items);
                reading.items = items.into();
            }
            Ok(reading.items.pop_front().map(|item| (item, reading)))
        }
    })
}
