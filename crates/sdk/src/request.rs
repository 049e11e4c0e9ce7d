//! A call that is being put together.

use std::marker::PhantomData;
use std::time::Duration;

use futures_util::Stream;
use reqwest::Method;
use serde::de::DeserializeOwned;

use crate::page::{Page, Paged};
use crate::params::Params;
use crate::{Clerk, Error, Result, RetryConfig, decode};

/// A call that is being put together: nothing is sent before [`send`](Self::send).
#[derive(Debug)]
#[must_use = "nothing is sent before `send`"]
pub struct Request<P, A> {
    pub(crate) clerk: Clerk,
    pub(crate) target: Target,
    /// What the operation takes; the setters write here.
    pub params: P,
    pub(crate) options: CallOptions,
    /// What was wrong with a parameter; told by `send`.
    pub(crate) problem: Option<Error>,
    answer: PhantomData<fn() -> A>,
}

/// Where a call goes.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// As in the reference, for spans.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// Not yet encoded.
    pub(crate) path: Vec<String>,
}

/// What holds for one call instead of the whole client.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// When and how often to try again.
    pub retries: Option<RetryConfig>,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
}

impl<P: Params, A> Request<P, A> {
    pub(crate) fn new(clerk: &Clerk, target: Target, params: P) -> Self {
        let options = CallOptions::default();
        Self { clerk: clerk.clone(), target, params, options, problem: None, answer: PhantomData }
    }

    /// Replaces all parameters at once.
    pub fn params(mut self, params: P) -> Self {
        self.params = params;
        self
    }

    /// When and how often to try this call again.
    pub fn retries(mut self, retries: RetryConfig) -> Self {
        self.options.retries = Some(retries);
        self
    }

    /// How long one attempt of this call may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }
}

impl<P: Params, A: DeserializeOwned> Request<P, A> {
    /// Sends the request, again if need be and allowed, and reads the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] and [`Error::RateLimited`] if the server refuses, [`Error::Transport`] if it
    /// cannot be reached, [`Error::Decode`] if its answer cannot be read, [`Error::Config`] if a
    /// parameter cannot be written.
    pub async fn send(self) -> Result<A> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let answer = self.clerk.call(&self.target, self.params.encode()?, &self.options).await?;
        decode::read(answer.status, &answer.body)
    }
}

impl<P: Paged<A::Item>, A: Page> Request<P, A> {
    /// Everything that matches, page after page; a page is asked for when the one before it has
    /// been read. `limit` is the size of a page (100 unless set), `offset` where to begin.
    ///
    /// A list of users in the order of their creation is followed by a cursor: however it changes
    /// meanwhile, it shows everything that stays once. It cannot go on after a user that was
    /// deleted, so delete what was read to the end. Other lists have offsets alone: one that
    /// changes meanwhile may show something twice or not at all.
    pub fn stream(self) -> impl Stream<Item = Result<A::Item>> + Send {
        crate::page::stream(self)
    }
}
