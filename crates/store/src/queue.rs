//! A bounded queue from async callers to threads.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Semaphore;

/// Callers wait for room without blocking; threads wait for work without spinning.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    room: Semaphore,
}

struct State<T> {
    items: VecDeque<T>,
    is_closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State { items: VecDeque::new(), is_closed: false }),
            filled: Condvar::new(),
            room: Semaphore::new(capacity),
        }
    }

    /// Adds an item once there is room; false if the queue is closed.
    pub(crate) async fn push(&self, item: T) -> bool {
        let Ok(permit) = self.room.acquire().await else { return false };
        let mut state = self.state.lock();
        if state.is_closed {
            return false;
        }
        // Given back by the thread that takes the item.
        permit.forget();
        state.items.push_back(item);
        drop(state);
        self.filled.notify_one();
        true
    }

    /// Waits for work; `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        self.pop_batch(1).into_iter().next()
    }

    /// Waits for work and takes what is there, up to `most`; nothing once the
    /// queue is closed and empty.
    pub(crate) fn pop_batch(&self, most: usize) -> Vec<T> {
        let mut state = self.state.lock();
        self.filled.wait_while(&mut state, |state| state.items.is_empty() && !state.is_closed);
        let count = state.items.len().min(most);
        let items = state.items.drain(..count).collect();
        drop(state);
        self.room.add_permits(count);
        items
    }

    /// Refuses new items; threads take what is left and then stop.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.room.close();
        self.filled.notify_all();
    }

    /// Closes the queue and drops what is in it, so that nobody waits for an
    /// answer that no thread will give.
    pub(crate) fn abandon(&self) {
        self.close();
        let items = std::mem::take(&mut self.state.lock().items);
        drop(items);
    }

    pub(crate) fn len(&self) -> usize {
        self.state.lock().items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_makes_callers_wait_until_there_is_room() {
        let queue = std::sync::Arc::new(Queue::new(1));
        assert!(queue.push(1).await);
        let second = tokio::spawn({
            let queue = queue.clone();
            async move { queue.push(2).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.pop(), Some(1));
        assert!(second.await.unwrap());
        assert_eq!(queue.pop(), Some(2));
    }

    #[tokio::test]
    async fn a_closed_queue_is_emptied_before_its_threads_stop() {
        let queue = Queue::new(8);
        queue.push(1).await;
        queue.push(2).await;
        queue.close();
        assert!(!queue.push(3).await);
        assert_eq!(queue.pop_batch(8), [1, 2]);
        assert_eq!(queue.pop(), None);
    }
}
