//! Lists that are longer than a page.

use std::collections::VecDeque;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use serde::de::DeserializeOwned;

use crate::params::Params;
use crate::{Error, Paginated, Request, Result};

const PAGE: i64 = 100;

/// Parameters of a list that is read in pages.
pub trait Paged: Params + Clone {
    /// Size and beginning of a page, to be read and set.
    #[doc(hidden)]
    fn page(&mut self) -> (&mut Option<i64>, &mut Option<i64>);
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

pub(crate) fn stream<P: Paged, A: Page>(
    request: Request<P, A>,
) -> impl Stream<Item = Result<A::Item>> + Send {
    let Request { clerk, target, mut params, options, problem, .. } = request;
    let (limit, offset) = params.page();
    let size = *limit.get_or_insert(PAGE);
    offset.get_or_insert(0);
    let start = Reading { params, problem, items: VecDeque::new(), at_end: false };
    try_unfold(start, move |mut reading| {
        let mut request = Request::<P, A>::new(&clerk, target.clone(), reading.params.clone());
        request.options = options.clone();
        request.problem = reading.problem.take();
        async move {
            if reading.items.is_empty() && !reading.at_end {
                let items = request.send().await?.into_items();
                let got = i64::try_from(items.len()).unwrap_or(i64::MAX);
                reading.at_end = got < size;
                if let (_, Some(offset)) = reading.params.page() {
                    *offset += got;
                }
                reading.items = items.into();
            }
            Ok(reading.items.pop_front().map(|item| (item, reading)))
        }
    })
}
