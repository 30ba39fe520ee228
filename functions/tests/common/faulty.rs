//! A store and a mailer that fail at a chosen call.

use daisychain_functions::clock::Millis;
use daisychain_functions::form::Definition;
use daisychain_functions::mail::{Mail, MailError, Mailer};
use daisychain_functions::model::{
    ConsentEvent, Mailbox, NewReply, QueuedMail, Recorded, ReplyList, ReplyState, SendOutcome,
    StateChange, StateChangeOutcome, StoredReply, Subscriber, SubscriberChange, SubscriberMove,
    SubscriptionState,
};
use daisychain_functions::store::{
    Counters, Definitions, KnownForm, MailQueue, Page, Published, Replies, Store, StoreError,
    StoreResult, Subscribers,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is done.
    Before,
    /// The call is done, and its result is lost.
    After,
    /// The call never ends.
    Hang,
    /// The call panics before anything is done.
    Panic,
    /// The call panics after it is done.
    LatePanic,
}

pub(crate) const FAULTS: [Fault; 5] =
    [Fault::Before, Fault::After, Fault::Hang, Fault::Panic, Fault::LatePanic];

/// Counts calls and determines which one fails.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    calls: Arc<AtomicUsize>,
    failing: Arc<AtomicUsize>,
    for_good: Arc<AtomicBool>,
    fault: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    often: Arc<AtomicBool>,
}

/// If calls fail often, one in so many does.
const OFTEN: usize = 20;

const NEVER: usize = usize::MAX;

impl Plan {
    pub(crate) fn never() -> Plan {
        Plan {
            calls: Arc::default(),
            failing: Arc::new(AtomicUsize::new(NEVER)),
            for_good: Arc::default(),
            fault: Arc::default(),
            broken: Arc::default(),
            often: Arc::default(),
        }
    }

    /// From now on, one call in twenty fails, alternately before and after it is done.
    pub(crate) fn fail_often(&self) {
        self.often.store(true, Ordering::SeqCst);
    }

    /// From now on, the call with this number fails.
    pub(crate) fn fail(&self, number: usize, fault: Fault) {
        let index = FAULTS.iter().position(|known| *known == fault).unwrap();
        self.fault.store(index, Ordering::SeqCst);
        self.calls.store(0, Ordering::SeqCst);
        self.failing.store(number, Ordering::SeqCst);
    }

    /// The call with this number fails, without knowing yet whether there will be one.
    pub(crate) fn fail_once(&self, number: usize, fault: Fault) {
        self.for_good.store(false, Ordering::SeqCst);
        self.broken.store(false, Ordering::SeqCst);
        self.fail(number, fault);
    }

    /// From the call with this number on, every call fails.
    pub(crate) fn fail_from(&self, number: usize, fault: Fault) {
        self.fail(number, fault);
        self.for_good.store(true, Ordering::SeqCst);
    }

    /// Whether the call that was to fail was made.
    pub(crate) fn was_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    pub(crate) fn mend(&self) {
        self.failing.store(NEVER, Ordering::SeqCst);
        self.often.store(false, Ordering::SeqCst);
    }

    async fn run<T>(&self, call: impl Future<Output = T>, failed: impl Fn() -> T) -> T {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        if self.often.load(Ordering::SeqCst) {
            let fails = number.is_multiple_of(OFTEN);
            let was_done = (number / OFTEN).is_multiple_of(2);
            let done = if fails && !was_done { None } else { Some(call.await) };
            return done.filter(|_| !fails).unwrap_or_else(failed);
        }
        let failing = self.failing.load(Ordering::SeqCst);
        let for_good = self.for_good.load(Ordering::SeqCst);
        if number != failing && !(for_good && number > failing) {
            return call.await;
        }
        self.broken.store(true, Ordering::SeqCst);
        let fault = FAULTS[self.fault.load(Ordering::SeqCst)];
        match fault {
            Fault::Before => return failed(),
            Fault::Panic => panic!("injected fault"),
            Fault::Hang => std::future::pending::<()>().await,
            Fault::After | Fault::LatePanic => {}
        }
        let _ = call.await;
        assert!(fault == Fault::After, "injected fault");
        failed()
    }
}

/// A store or a mailer whose calls fail according to a plan.
#[derive(Clone)]
pub(crate) struct Faulty<T> {
    pub(crate) inner: T,
    pub(crate) plan: Plan,
}

impl<T> Faulty<T> {
    async fn call<V>(&self, call: impl Future<Output = StoreResult<V>>) -> StoreResult<V> {
        // A store gives up after 3 seconds.
        let failed = || Err(StoreError::Timeout);
        let limit = std::time::Duration::from_secs(3);
        let run = self.plan.run(call, failed);
        tokio::time::timeout(limit, run).await.unwrap_or_else(|_| failed())
    }
}

impl<M: Mailer> Mailer for Faulty<M> {
    async fn prune<S: Store>(&self, store: &S) -> StoreResult<()> {
        self.inner.prune(store).await
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let failed = || Err(MailError { message: "injected fault".into(), permanent: false });
        self.plan.run(self.inner.send(mail), failed).await
    }
}

impl<S: Store> Definitions for Faulty<S> {
    async fn publish(&self, definition: &Definition) -> StoreResult<()> {
        self.call(self.inner.publish(definition)).await
    }
    async fn withdraw(&self, form: &str) -> StoreResult<()> {
        self.call(self.inner.withdraw(form)).await
    }
    async fn forms(&self) -> StoreResult<Vec<KnownForm>> {
        self.call(self.inner.forms()).await
    }
    async fn current(&self, form: &str) -> StoreResult<Option<Published>> {
        self.call(self.inner.current(form)).await
    }
    async fn definition(
        &self,
        form: &str,
        digest: Option<&str>,
    ) -> StoreResult<Option<Definition>> {
        self.call(self.inner.definition(form, digest)).await
    }
}

impl<S: Store> Replies for Faulty<S> {
    async fn record(&self, entry: &NewReply) -> StoreResult<Recorded> {
        self.call(self.inner.record(entry)).await
    }
    async fn reply(&self, form: &str, id: &str) -> StoreResult<Option<StoredReply>> {
        self.call(self.inner.reply(form, id)).await
    }
    async fn by_reference(&self, form: &str, reference: &str) -> StoreResult<Option<StoredReply>> {
        self.call(self.inner.by_reference(form, reference)).await
    }
    async fn queue(
        &self,
        form: &str,
        state: ReplyState,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        self.call(self.inner.queue(form, state, after, limit)).await
    }
    async fn listed(
        &self,
        list: &ReplyList,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        self.call(self.inner.listed(list, form, after, limit)).await
    }
    async fn search(&self, term: &str, limit: u32) -> StoreResult<Vec<StoredReply>> {
        self.call(self.inner.search(term, limit)).await
    }
    async fn move_reply(
        &self,
        before: &StoredReply,
        step: &StateChange,
        mails: &[QueuedMail],
    ) -> StoreResult<StateChangeOutcome> {
        self.call(self.inner.move_reply(before, step, mails)).await
    }
    async fn replies_of(&self, form: &str, person: &str) -> StoreResult<Vec<StoredReply>> {
        self.call(self.inner.replies_of(form, person)).await
    }
    async fn held(&self, summary: &QueuedMail) -> StoreResult<Vec<String>> {
        self.call(self.inner.held(summary)).await
    }
    async fn erase_replies(&self, form: &str, person: &str) -> StoreResult<u32> {
        self.call(self.inner.erase_replies(form, person)).await
    }
}

impl<S: Store> Subscribers for Faulty<S> {
    async fn subscriber(&self, form: &str, hash: &str) -> StoreResult<Option<Subscriber>> {
        self.call(self.inner.subscriber(form, hash)).await
    }
    async fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> StoreResult<(Vec<Subscriber>, Option<Mailbox>)> {
        self.call(self.inner.look_up(form, hashes, mailbox)).await
    }
    async fn subscribers_of_mailbox(&self, form: &str, hash: &str) -> StoreResult<Vec<Subscriber>> {
        self.call(self.inner.subscribers_of_mailbox(form, hash)).await
    }
    async fn subscriber_by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> StoreResult<Option<Subscriber>> {
        self.call(self.inner.subscriber_by_reference(form, reference)).await
    }
    async fn save_subscriber(&self, change: &SubscriberChange) -> StoreResult<bool> {
        self.call(self.inner.save_subscriber(change)).await
    }
    async fn move_subscriber(&self, change: &SubscriberMove) -> StoreResult<bool> {
        self.call(self.inner.move_subscriber(change)).await
    }
    async fn mailbox(&self, hash: &str) -> StoreResult<Option<Mailbox>> {
        self.call(self.inner.mailbox(hash)).await
    }
    async fn save_mailbox(&self, mailbox: &Mailbox) -> StoreResult<bool> {
        self.call(self.inner.save_mailbox(mailbox)).await
    }
    async fn subscribers(
        &self,
        form: &str,
        state: SubscriptionState,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Subscriber>> {
        self.call(self.inner.subscribers(form, state, after, limit)).await
    }
    async fn lapsing(&self, form: &str, now: Millis, limit: u32) -> StoreResult<Vec<Subscriber>> {
        self.call(self.inner.lapsing(form, now, limit)).await
    }
    async fn events(&self, form: &str, person: &str) -> StoreResult<Vec<ConsentEvent>> {
        self.call(self.inner.events(form, person)).await
    }
}

impl<S: Store> MailQueue for Faulty<S> {
    async fn due(&self, now: Millis, limit: u32) -> StoreResult<Vec<QueuedMail>> {
        self.call(self.inner.due(now, limit)).await
    }
    async fn failed(&self, limit: u32) -> StoreResult<Vec<QueuedMail>> {
        self.call(self.inner.failed(limit)).await
    }
    async fn lease(&self, queued: &QueuedMail, until: Millis) -> StoreResult<Option<QueuedMail>> {
        self.call(self.inner.lease(queued, until)).await
    }
    async fn record_outcome(&self, queued: &QueuedMail, outcome: SendOutcome) -> StoreResult<()> {
        self.call(self.inner.record_outcome(queued, outcome)).await
    }
}

impl<S: Store> Counters for Faulty<S> {
    async fn increment(&self, counter: &str, until: Millis) -> StoreResult<u64> {
        self.call(self.inner.increment(counter, until)).await
    }
    async fn sum_counters(&self, counters: &[String]) -> StoreResult<u64> {
        self.call(self.inner.sum_counters(counters)).await
    }
}

impl<S: Store> Store for Faulty<S> {
    async fn trusted_time(&self, now: Millis) -> StoreResult<Millis> {
        self.call(self.inner.trusted_time(now)).await
    }
    async fn delete_expired(&self, now: Millis) -> StoreResult<bool> {
        self.call(self.inner.delete_expired(now)).await
    }
}
