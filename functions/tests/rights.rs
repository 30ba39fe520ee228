//! What a function does with the table is what its role in `template.yaml` may do, and nothing else:
//! every call is recorded as DynamoDB is asked for it, in every flow, and compared both ways.

#![cfg(all(feature = "dynamodb", feature = "sqlite"))]
#![allow(clippy::disallowed_methods, reason = "a test reads the template")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::AttributeValue;
use common::faulty::{Fault, Faulty, Plan};
use common::site::{Site, browser, definition};
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::id;
use daisychain_functions::mail::feedback::{Feedback, Outcome};
use daisychain_functions::mail::outbox::Outbox;
use daisychain_functions::service::Visitor;
use daisychain_functions::store::Store;
use daisychain_functions::store::dynamo::{self, Dynamo};
use serde_yaml::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// An action of IAM with what it is done to: `dynamodb:GetItem chat#SUB#…`. That of an index has the
/// index's name before its key.
type Done = BTreeSet<(String, String)>;

/// Notes what DynamoDB is asked for.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Done>>);

impl Recorder {
    fn note(&self, action: &str, key: &AttributeValue) {
        let key = key.as_s().unwrap().clone();
        self.0.lock().unwrap().insert((format!("dynamodb:{action}"), key));
    }

    fn note_item(&self, action: &str, item: Option<&HashMap<String, AttributeValue>>) {
        self.note(action, &item.unwrap()["pk"]);
    }

    /// IAM knows no transaction: each part of one is an action of its own.
    fn note_transaction(&self, input: &TransactWriteItemsInput) {
        for part in input.transact_items() {
            if let Some(put) = part.put() {
                self.note_item("PutItem", Some(put.item()));
            }
            if let Some(delete) = part.delete() {
                self.note_item("DeleteItem", Some(delete.key()));
            }
            if let Some(update) = part.update() {
                self.note_item("UpdateItem", Some(update.key()));
            }
            if let Some(check) = part.condition_check() {
                self.note_item("ConditionCheckItem", Some(check.key()));
            }
        }
    }

    /// A key condition names its partition by one value, in each of our queries the first.
    fn note_query(&self, input: &QueryInput) {
        let condition = input.key_condition_expression().unwrap();
        let name = condition.split([' ', '=']).find(|word| word.starts_with(':')).unwrap();
        let key = input.expression_attribute_values().unwrap()[name].as_s().unwrap();
        let index = input.index_name().map(|index| format!("{index}/")).unwrap_or_default();
        self.0.lock().unwrap().insert(("dynamodb:Query".to_owned(), format!("{index}{key}")));
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        if let Some(get) = input.downcast_ref::<GetItemInput>() {
            self.note_item("GetItem", get.key());
        } else if let Some(put) = input.downcast_ref::<PutItemInput>() {
            self.note_item("PutItem", put.item());
        } else if let Some(update) = input.downcast_ref::<UpdateItemInput>() {
            self.note_item("UpdateItem", update.key());
        } else if let Some(delete) = input.downcast_ref::<DeleteItemInput>() {
            self.note_item("DeleteItem", delete.key());
        } else if let Some(query) = input.downcast_ref::<QueryInput>() {
            self.note_query(query);
        } else if let Some(transaction) = input.downcast_ref::<TransactWriteItemsInput>() {
            self.note_transaction(transaction);
        } else {
            // Whatever it is, no role has a right to it.
            self.note("an operation that is not known here", &AttributeValue::S(String::new()));
        }
        Ok(())
    }
}

/// A function over an emulated table, with a mailer that can be made to fail.
type Function = Site<Dynamo, Faulty<Outbox>>;

/// A table with the campaign's forms in it.
struct Table(String);

impl Table {
    async fn new() -> Table {
        let name = format!("rights-{}", id::ulid(0));
        let store = common::named_table(&name).await;
        for form in ["newsletter", "volunteer", "chat"] {
            store.publish(&definition(form)).await.unwrap();
        }
        Table(name)
    }

    /// A store that is recorded.
    async fn store(&self, recorder: &Recorder) -> Dynamo {
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(common::dynamodb())
            .load()
            .await;
        let config = aws_sdk_dynamodb::config::Builder::from(&config);
        let config = config.interceptor(recorder.clone()).build();
        Dynamo::new(aws_sdk_dynamodb::Client::from_conf(config), &self.0)
    }

    /// The function that serves `form`, as its Lambda does.
    async fn function(&self, form: &str, mail_limit: u64, recorder: &Recorder) -> Function {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("outbox"));
        let mailer = Faulty { inner: outbox, plan: Plan::never() };
        Site::with(folder, self.store(recorder).await, mailer, |settings| {
            settings.forms = vec![form.to_owned()];
            settings.mail_limit = mail_limit;
        })
    }
}

/// Sends a form as one visitor; gives the status.
async fn send(function: &Function, form: &str, answers: &str) -> u16 {
    let mut request = browser(&format!("/api/{form}"), answers.to_owned());
    request.extensions_mut().insert(Visitor("198.51.100.7".parse().unwrap()));
    // In a box, because a thread of the tests has a small stack.
    Box::pin(function.send(request)).await.status
}

fn answers(form: &str, number: usize) -> String {
    match form {
        "newsletter" => format!("email=rose{number}@example.com"),
        "volunteer" => format!("name=Rose+{number}&contact=r{number}@example.com&adult=yes"),
        _ => format!("name=Rose+{number}&contact=r{number}@example.com"),
    }
}

/// Everything that may happen to any form of one function.
async fn usual_flows(table: &Table, form: &str, recorder: &Recorder) {
    let function = table.function(form, 500, recorder).await;
    assert_eq!(function.get(&format!("/api/{form}")).await.status, 200);
    assert_eq!(function.get(&format!("/api/{form}/thanks?reference=2345-6789")).await.status, 200);
    assert_eq!(send(&function, form, "").await, 422);
    for _ in 0..2 {
        assert_eq!(send(&function, form, &answers(form, 1)).await, 303);
    }
    // The page of an older edition of the form.
    let old = table.old_edition(form).await;
    let post = format!("_form={old}&{}", answers(form, 2));
    assert_eq!(send(&function, form, &post).await, 303);
    // What a program filled in is held, and kept as a reply.
    let held = format!("{}&company=Rose", answers(form, 3));
    assert_eq!(send(&function, form, &held).await, 303);
    // A mail that does not go out, and one that never will.
    function.service.mailer().plan.fail_from(0, Fault::Before);
    assert_eq!(send(&function, form, &answers(form, 4)).await, 303);
    // One letter box under many names.
    for number in 0..5 {
        let many = answers(form, 5).replace('@', &format!("%2B{number}@"));
        assert_eq!(send(&function, form, &many).await, 303);
    }
    // More mails than may go out.
    let braked = table.function(form, 0, recorder).await;
    assert_eq!(send(&braked, form, &answers(form, 6)).await, 303);
}

/// What only a newsletter has: links, news of mails, and the mails of all.
async fn newsletter_flows(table: &Table, recorder: &Recorder) {
    let function = table.function("newsletter", 500, recorder).await;
    assert_eq!(send(&function, "newsletter", "email=asha@example.com").await, 303);
    let mails = function.service.mailer().inner.files().unwrap();
    let mail = std::fs::read_to_string(&mails[0]).unwrap().replace("=\r\n", "").replace("=3D", "=");
    for page in ["confirm", "leave"] {
        let begin = format!("/api/newsletter/{page}?token=");
        let token = mail.split(&begin).nth(1).unwrap();
        let token = token.split(['\r', '\n', '"', '>', '&']).next().unwrap();
        assert_eq!(function.get(&format!("{begin}{token}")).await.status, 200);
        assert_eq!(function.send(browser(&format!("{begin}{token}"), "")).await.status, 200);
    }
    assert_eq!(send(&function, "newsletter", "email=tom@example.com").await, 303);
    let address = "tom@example.com".to_owned();
    function.service.heed(&[Feedback { address, outcome: Outcome::Bounced }]).await.unwrap();

    // Mails that the other functions owe, tried on the schedule: once in vain, once with success.
    let unrecorded = Recorder::default();
    for form in ["volunteer", "chat"] {
        let other = table.function(form, 500, &unrecorded).await;
        other.service.mailer().plan.fail_from(0, Fault::Before);
        assert_eq!(send(&other, form, &answers(form, 7)).await, 303);
    }
    function.service.mailer().plan.fail_from(0, Fault::Before);
    for _ in 0..2 {
        function.pass(3 * 3_600_000);
        assert!(function.service.send_due().await.unwrap().again > 0);
    }
    function.service.mailer().plan.mend();
    function.pass(24 * 3_600_000);
    assert!(function.service.send_due().await.unwrap().sent > 0);
}

impl Table {
    /// Publishes another edition of a form, and gives it back to its place; the digest of the other.
    async fn old_edition(&self, form: &str) -> String {
        let text = common::campaign_text(form);
        let text = text.replacen("title: ", "title: Formerly, ", 1);
        let old = Definition::new(Form::parse(form, &text).unwrap(), "%%daisychain:main%%");
        let store = dynamo::connect_to(&common::dynamodb(), &self.0).await;
        store.publish(&old).await.unwrap();
        store.publish(&definition(form)).await.unwrap();
        old.form.digest()
    }
}

/// The template.
fn template() -> Value {
    let path = format!("{}/template.yaml", env!("CARGO_MANIFEST_DIR"));
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Without the tag that says how CloudFormation is to work it out.
fn plain(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => plain(&tagged.value),
        value => value,
    }
}

fn listed(value: &Value) -> Vec<&Value> {
    match plain(value) {
        Value::Sequence(values) => values.iter().map(plain).collect(),
        value => vec![value],
    }
}

/// What a role may do with the table: actions, and the patterns of keys.
fn granted(template: &Value, role: &str) -> Done {
    let properties = &template["Resources"][role]["Properties"];
    let own = listed(&properties["Policies"]).into_iter().map(|policy| &policy["PolicyDocument"]);
    let managed = match &properties["ManagedPolicyArns"] {
        Value::Null => Vec::new(),
        arns => listed(arns),
    };
    let managed = managed
        .into_iter()
        .map(|name| &template["Resources"][name.as_str().unwrap()]["Properties"]["PolicyDocument"]);
    let mut granted = Done::new();
    for statement in own.chain(managed).flat_map(|document| listed(&document["Statement"])) {
        for action in listed(&statement["Action"]) {
            let action = action.as_str().unwrap();
            if !action.starts_with("dynamodb:") {
                continue;
            }
            let resource = serde_yaml::to_string(&statement["Resource"]).unwrap();
            let index = if resource.contains("/index/lists") { "lists/" } else { "" };
            let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
            let new = listed(keys)
                .into_iter()
                .map(|key| (action.to_owned(), format!("{index}{}", key.as_str().unwrap())));
            let before = granted.len();
            let new: Vec<_> = new.collect();
            let count = new.len();
            granted.extend(new);
            assert_eq!(granted.len(), before + count, "{role} is granted something twice");
        }
    }
    assert!(!granted.is_empty(), "{role} has no rights");
    granted
}

fn allows(pattern: &(String, String), done: &(String, String)) -> bool {
    let fits = match pattern.1.strip_suffix('*') {
        Some(begin) => done.1.starts_with(begin),
        None => pattern.1 == done.1,
    };
    pattern.0 == done.0 && fits
}

/// Both ways: nothing was done without a right, and there is no right that nobody uses.
fn compare(role: &str, recorder: &Recorder) {
    let (granted, done) = (granted(&template(), role), recorder.0.lock().unwrap());
    let without: Vec<_> =
        done.iter().filter(|done| !granted.iter().any(|right| allows(right, done))).collect();
    let unused: Vec<_> =
        granted.iter().filter(|right| !done.iter().any(|done| allows(right, done))).collect();
    assert!(without.is_empty(), "{role} does what it has no right to: {without:#?}");
    assert!(unused.is_empty(), "{role} has rights that it does not use: {unused:#?}");
}

#[tokio::test]
async fn the_chat_function_does_what_its_role_may_and_no_less() {
    let (table, recorder) = (Table::new().await, Recorder::default());
    Box::pin(usual_flows(&table, "chat", &recorder)).await;
    compare("ChatRole", &recorder);
}

#[tokio::test]
async fn the_volunteer_function_does_what_its_role_may_and_no_less() {
    let (table, recorder) = (Table::new().await, Recorder::default());
    Box::pin(usual_flows(&table, "volunteer", &recorder)).await;
    compare("VolunteerRole", &recorder);
}

#[tokio::test]
async fn the_newsletter_function_does_what_its_role_may_and_no_less() {
    let (table, recorder) = (Table::new().await, Recorder::default());
    Box::pin(usual_flows(&table, "newsletter", &recorder)).await;
    Box::pin(newsletter_flows(&table, &recorder)).await;
    compare("NewsletterRole", &recorder);
}

#[tokio::test]
async fn who_publishes_may_read_and_write_definitions_and_nothing_else() {
    let (table, recorder) = (Table::new().await, Recorder::default());
    let store = table.store(&recorder).await;
    for form in ["newsletter", "volunteer", "chat"] {
        let definition = definition(form);
        store.publish(&definition).await.unwrap();
        store.definition(form, Some(&definition.form.digest())).await.unwrap();
    }
    compare("Publisher", &recorder);
}

#[test]
fn a_right_too_many_and_one_too_few_are_found() {
    let done = Recorder::default();
    done.note("GetItem", &AttributeValue::S("chat#SUB#1".to_owned()));
    for recorder in [Recorder::default(), done] {
        let compared = std::panic::catch_unwind(|| compare("ChatRole", &recorder));
        assert!(compared.is_err());
    }
    let right = |key: &str| ("dynamodb:GetItem".to_owned(), key.to_owned());
    assert!(allows(&right("chat#SUB#*"), &right("chat#SUB#1")));
    assert!(!allows(&right("chat#MONTHS"), &right("chat#MONTHS#1")));
    assert!(!allows(&right("chat#SUB#*"), &right("lists/chat#SUB#1")));
}
