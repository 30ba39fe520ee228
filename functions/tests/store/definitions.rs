//! Definitions of forms.

use crate::common;
use crate::common::campaign;
use daisychain_functions::form::Definition;
use daisychain_functions::store::{KnownForm, Store};

crate::contract!(
    a_definition_is_kept_for_ever,
    every_form_is_listed_and_a_withdrawn_one_keeps_what_it_has,
);

async fn a_definition_is_kept_for_ever(store: impl Store) {
    assert_eq!(store.definition("chat", None).await.unwrap(), None);
    let first = Definition::new(campaign("chat"), "<main>1</main>");
    let digest = first.form.digest();
    store.publish(&first).await.unwrap();
    let text = common::campaign_text("chat").replace("Your name", "What do we call you?");
    let form = daisychain_functions::form::Form::parse("chat", &text).unwrap();
    let second = Definition::new(form, "<main>2</main>");
    store.publish(&second).await.unwrap();
    assert_eq!(store.definition("chat", None).await.unwrap(), Some(second));
    assert_eq!(store.definition("chat", Some(&digest)).await.unwrap(), Some(first));
    assert_eq!(store.definition("volunteer", Some(&digest)).await.unwrap(), None);
    assert_eq!(store.definition("chat", Some("none")).await.unwrap(), None);
}

async fn every_form_is_listed_and_a_withdrawn_one_keeps_what_it_has(store: impl Store) {
    let listed = async |withdrawn: [bool; 2]| {
        let known = |(name, withdrawn): (&str, bool)| KnownForm { name: name.into(), withdrawn };
        let expected: Vec<_> =
            ["chat", "volunteer"].into_iter().zip(withdrawn).map(known).collect();
        assert_eq!(store.forms().await.unwrap(), expected);
    };
    assert_eq!(store.forms().await.unwrap(), []);
    assert_eq!(store.current("chat").await.unwrap(), None);
    let definition = |name| Definition::new(campaign(name), "<main></main>");
    for name in ["volunteer", "chat", "chat"] {
        store.publish(&definition(name)).await.unwrap();
    }
    listed([false, false]).await;

    for _ in 0..2 {
        store.withdraw("chat").await.unwrap();
        listed([true, false]).await;
    }
    let chat = definition("chat");
    let current = store.current("chat").await.unwrap().unwrap();
    assert!(current.withdrawn && current.definition == chat);
    let digest = chat.form.digest();
    assert_eq!(store.definition("chat", Some(&digest)).await.unwrap(), Some(chat.clone()));
    assert!(!store.current("volunteer").await.unwrap().unwrap().withdrawn);

    // Withdrawing a form that was never published does not create it.
    store.withdraw("lunch").await.unwrap();
    assert_eq!(store.current("lunch").await.unwrap(), None);
    // A form that is published again, even without changes, is on the site again.
    store.publish(&chat).await.unwrap();
    listed([false, false]).await;
    assert!(!store.current("chat").await.unwrap().unwrap().withdrawn);
}
