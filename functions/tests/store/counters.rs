//! Counters.

use daisychain_functions::store::Store;

crate::contract!(a_counter_counts,);

async fn a_counter_counts(store: impl Store) {
    for expected in 1..=3 {
        assert_eq!(store.increment("visitor#1", 9_000).await.unwrap(), expected);
    }
    assert_eq!(store.increment("visitor#2", 9_000).await.unwrap(), 1);
    let all = ["visitor#1", "visitor#2", "visitor#3"].map(str::to_owned);
    assert_eq!(store.sum_counters(&all).await.unwrap(), 4);
    assert_eq!(store.sum_counters(&all[2..]).await.unwrap(), 0);
}
