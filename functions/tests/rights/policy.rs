//! Reads the rights that a role of `template.yaml` has to the table, and compares them with recorded calls.

use super::calls::{Call, Recorder};
use serde_yaml::Value;
use std::collections::BTreeSet;

/// One action of one statement, for one pattern of keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    action: String,
    /// The index that the statement's resource names. `None` for the table itself.
    index: Option<String>,
    /// The pattern that `dynamodb:LeadingKeys` must match, with `*` for any characters.
    keys: String,
    /// The patterns that they must not match.
    not: Vec<String>,
}

impl Right {
    fn covers(&self, call: &Call) -> bool {
        self.action == call.action
            && self.index == call.index
            && is_like(&self.keys, &call.key)
            && !self.not.iter().any(|not| is_like(not, &call.key))
    }
}

/// IAM's `StringLike`, for patterns without `?`.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((begin, rest)) => text.strip_prefix(begin).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| is_like(rest, &text[at..]))
        }),
    }
}

/// The rights of a role.
pub(crate) struct Role {
    name: &'static str,
    rights: BTreeSet<Right>,
}

impl Role {
    pub(crate) fn read(name: &'static str) -> Role {
        let template = template();
        let mut rights = BTreeSet::new();
        for statement in statements(&template["Resources"], name) {
            assert_eq!(statement["Effect"], "Allow", "{name}");
            for action in listed(&statement["Action"]) {
                let action = action.as_str().unwrap();
                if !action.starts_with("dynamodb:") {
                    continue;
                }
                let index = index_of(statement);
                // A right to an index covers all of it: a condition on keys has no effect.
                let keys = match index {
                    Some(_) => vec!["*".to_owned()],
                    None => keys_of(statement, "ForAllValues:StringLike"),
                };
                for keys in keys {
                    let (action, index) = (action.to_owned(), index.clone());
                    let not = keys_of(statement, "ForAllValues:StringNotLike");
                    let right = Right { action, index, keys, not };
                    assert!(rights.insert(right.clone()), "{name} is granted {right:?} twice");
                }
            }
        }
        assert!(!rights.is_empty(), "{name} has no rights");
        Role { name, rights }
    }

    /// Compares both ways: every call needs a right, and every right needs a call.
    pub(crate) fn compare(&self, recorder: &Recorder) {
        let (Role { name, rights }, calls) = (self, recorder.calls());
        let denied: Vec<_> =
            calls.iter().filter(|call| !rights.iter().any(|right| right.covers(call))).collect();
        let unused: Vec<_> =
            rights.iter().filter(|right| !calls.iter().any(|call| right.covers(call))).collect();
        assert!(denied.is_empty(), "{name} does not allow these calls: {denied:#?}");
        assert!(unused.is_empty(), "{name} has rights that no call needs: {unused:#?}");
    }
}

fn template() -> Value {
    let path = format!("{}/template.yaml", env!("CARGO_MANIFEST_DIR"));
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The statements of a role's own policies and of its managed ones.
fn statements<'a>(resources: &'a Value, role: &str) -> Vec<&'a Value> {
    let properties = &resources[role]["Properties"];
    let own = listed(&properties["Policies"]).into_iter().map(|policy| &policy["PolicyDocument"]);
    let managed = match &properties["ManagedPolicyArns"] {
        Value::Null => Vec::new(),
        arns => listed(arns),
    };
    let managed = managed
        .into_iter()
        .map(|name| &resources[name.as_str().unwrap()]["Properties"]["PolicyDocument"]);
    own.chain(managed).flat_map(|document| listed(&document["Statement"])).collect()
}

fn keys_of(statement: &Value, operator: &str) -> Vec<String> {
    match &statement["Condition"][operator]["dynamodb:LeadingKeys"] {
        Value::Null => Vec::new(),
        keys => listed(keys).into_iter().map(|key| key.as_str().unwrap().to_owned()).collect(),
    }
}

fn index_of(statement: &Value) -> Option<String> {
    let resource = serde_yaml::to_string(&statement["Resource"]).unwrap();
    let (_, name) = resource.split_once("/index/")?;
    Some(name.split(|c: char| !c.is_ascii_lowercase()).next().unwrap().to_owned())
}

/// The value without its CloudFormation tag, such as `!Sub`.
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

#[test]
fn patterns_are_matched_as_iam_does() {
    for (pattern, text, fits) in [
        ("chat#MONTHS", "chat#MONTHS", true),
        ("chat#MONTHS", "chat#MONTHS#1", false),
        ("chat#SUB#*", "chat#SUB#1", true),
        ("chat#SUB#*", "chat#SUB#", true),
        ("chat#SUB#*", "chatter#SUB#1", false),
        ("*#SUB#*", "chat#SUB#1", true),
        ("*#SUB#*", "SUB#1", false),
        ("*#MONTHS", "lunch#MONTHS", true),
        ("*#MONTHS", "lunch#MONTHS#1", false),
    ] {
        assert_eq!(is_like(pattern, text), fits, "{pattern} {text}");
    }
}

#[test]
fn a_missing_and_an_unused_right_are_both_found() {
    let compared = |recorder: Recorder| {
        std::panic::catch_unwind(|| Role::read("ChatRole").compare(&recorder)).unwrap_err()
    };
    let message = |panic: Box<dyn std::any::Any + Send>| *panic.downcast::<String>().unwrap();
    assert!(message(compared(Recorder::default())).contains("rights that no call needs"));
    let recorder = Recorder::default();
    let key = aws_sdk_dynamodb::types::AttributeValue::S("chat#SUB#1".to_owned());
    recorder.note("GetItem", None, &key);
    assert!(message(compared(recorder.clone())).contains("rights that no call needs"));
    recorder.note("GetItem", Some("lists"), &key);
    assert!(message(compared(recorder)).contains("does not allow these calls"));
}

#[test]
fn the_enquiry_function_is_kept_from_the_forms_of_others() {
    let role = Role::read("EnquiryRole");
    for right in &role.rights {
        let covers = |form: &str| {
            let key = right.keys.replacen('*', form, 1);
            let call = Call { action: right.action.clone(), index: right.index.clone(), key };
            right.covers(&call)
        };
        // What all forms share; it contains no answers.
        if ["COUNT#", "MAILBOX#", "LIST#", "SEARCH#"].iter().any(|key| right.keys.starts_with(key))
        {
            continue;
        }
        assert!(covers("lunch") && covers("newsletter-2") && covers("chats"), "{right:?}");
        for form in daisychain_functions::lambda_routes::WITH_A_FUNCTION {
            assert!(!covers(form), "{right:?}");
        }
    }
}

/// AWS documents `dynamodb:LeadingKeys` as the partition key of a table, but not what it is in a query of an
/// index. A role that may query an index may therefore query all of it, so the index must contain keys only.
#[test]
fn an_index_that_a_role_may_query_holds_keys_alone() {
    let template = template();
    let indexes = &template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"];
    let keys_only: Vec<&str> = listed(indexes)
        .into_iter()
        .filter(|index| index["Projection"]["ProjectionType"] == "KEYS_ONLY")
        .map(|index| index["IndexName"].as_str().unwrap())
        .collect();
    let mut queried = Vec::new();
    for role in ["NewsletterRole", "VolunteerRole", "ChatRole", "EnquiryRole", "Publisher"] {
        let rights = Role::read(role).rights;
        queried.extend(rights.into_iter().filter_map(|right| Some((role, right.index?))));
    }
    assert_eq!(queried, [("NewsletterRole", "due".to_owned())]);
    assert!(queried.iter().all(|(_, index)| keys_only.contains(&index.as_str())), "{queried:?}");
}
