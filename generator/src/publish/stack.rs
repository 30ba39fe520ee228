//! Reads the outputs of a CloudFormation stack, and invalidates paths in CloudFront. Uses the network.
//!
//! Makes three signed calls ([`daisychain_functions::aws::Call`]): the SDK clients of the two services
//! would be larger than all of `daisy`.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use daisychain_functions::aws::{Answer, Call, CallError};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::release::address;
use super::served::Functions;
use super::{AwsError, EDGE_TTL_SECONDS, Error};
use crate::url::{encode, encode_component};

/// The timeout of one call, including retries.
const LIMIT: Duration = Duration::from_secs(20);
/// CloudFront is a global service, and signs with this region.
const WORLD: &str = "us-east-1";
/// The number of paths that AWS invalidates for free in a month; more are invalidated as `/*`.
/// <https://aws.amazon.com/cloudfront/pricing/>
const MAX_INVALIDATIONS: usize = 1_000;

/// The target of a publish.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// The bucket.
    pub bucket: String,
    /// The CloudFront distribution; `None` without a cache.
    pub distribution: Option<String>,
    /// The table of the forms; `None` for a site without forms.
    pub table: Option<String>,
    /// The site's address.
    pub site_url: Option<String>,
    /// The functions that serve forms; `None` if no stack was named, so that they are unknown.
    pub functions: Option<Functions>,
}

/// Reads the outputs of a stack (`DescribeStacks`, CloudFormation API, version 2010-05-15).
///
/// # Errors
/// There is no such stack, it is not a site's, or the call failed.
pub async fn describe(config: &SdkConfig, name: &str) -> Result<Target, Error> {
    // An empty variable counts as unset.
    let region = config.region().map(AsRef::as_ref).filter(|region: &&str| !region.is_empty());
    let region = region.ok_or(Error::NoRegion)?;
    let body: String =
        [("Action", "DescribeStacks"), ("Version", "2010-05-15"), ("StackName", name)]
            .iter()
            .map(|(key, value)| format!("{key}={}&", encode_component(value)))
            .collect();
    let call = Call {
        service: "cloudformation",
        region,
        method: "POST",
        host: &format!("https://cloudformation.{region}.amazonaws.com"),
        path: "/",
        headers: &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        body: body.trim_end_matches('&'),
    };
    let answer = call.make(config, LIMIT).await;
    let answer = answer.and_then_fine();
    let answer = answer.map_err(|source| Error::Stack { name: name.to_owned(), source })?;
    let outputs = outputs(&answer);
    let get = |key: &str| outputs.get(key).filter(|value| !value.is_empty()).cloned();
    let Some(bucket) = get("Bucket") else {
        return Err(Error::NotASite(name.to_owned()));
    };
    let (distribution, table) = (get("DistributionId"), get("Table"));
    let functions = Some(Functions::read(name, get("Functions").as_deref()));
    Ok(Target { bucket, distribution, table, site_url: get("SiteUrl"), functions })
}

/// Invalidates paths in CloudFront (`CreateInvalidation`, CloudFront API, version 2020-05-31); returns
/// the id of the invalidation.
///
/// # Errors
/// The call failed.
pub async fn invalidate(
    config: &SdkConfig,
    distribution: &str,
    paths: &[String],
    reference: &str,
) -> Result<String, Error> {
    let addresses = addresses(paths);
    let mut items = String::new();
    for address in &addresses {
        items.push_str(&format!("<Path>{address}</Path>"));
    }
    let body = format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
         <CallerReference>{reference}</CallerReference><Paths><Items>{items}</Items>\
         <Quantity>{}</Quantity></Paths></InvalidationBatch>",
        addresses.len()
    );
    let path = format!("/2020-05-31/distribution/{distribution}/invalidation");
    let answer = cloudfront(config, "POST", &path, &body).await.map_err(Error::Invalidation)?;
    Ok(texts(&answer).into_iter().find(|(path, _)| path == "Invalidation/Id").unwrap_or_default().1)
}

/// Waits until the invalidation is complete at every edge, and at most as long as a page may be cached
/// anyway.
pub async fn settle(config: &SdkConfig, distribution: &str, invalidation: &str) {
    let path = format!("/2020-05-31/distribution/{distribution}/invalidation/{invalidation}");
    let asked = async {
        loop {
            if let Ok(answer) = cloudfront(config, "GET", &path, "").await
                && texts(&answer)
                    .iter()
                    .any(|(path, text)| path == "Invalidation/Status" && text == "Completed")
            {
                return;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(EDGE_TTL_SECONDS + 5), asked).await;
}

async fn cloudfront(
    config: &SdkConfig,
    method: &str,
    path: &str,
    body: &str,
) -> Result<String, AwsError> {
    let call = Call {
        service: "cloudfront",
        region: WORLD,
        method,
        host: "https://cloudfront.amazonaws.com",
        path,
        headers: &[("content-type", "text/xml")],
        body,
    };
    call.make(config, LIMIT).await.and_then_fine()
}

/// The text of a successful response, or why it failed.
trait Fine {
    fn and_then_fine(self) -> Result<String, AwsError>;
}

impl Fine for Result<Answer, CallError> {
    fn and_then_fine(self) -> Result<String, AwsError> {
        let answer = self?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.is_success() {
            return Ok(text);
        }
        let message = texts(&text).into_iter().find(|(path, _)| path.ends_with("/Message"));
        Err(message.map_or(AwsError::Status(answer.status), |(_, text)| AwsError::Message(text)))
    }
}

/// The addresses under which CloudFront may cache these paths: those that visitors request, and those it
/// rewrites them to.
fn addresses(paths: &[String]) -> Vec<String> {
    let mut addresses: Vec<String> =
        paths.iter().flat_map(|path| [address(path), format!("/{path}")]).collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.len() > MAX_INVALIDATIONS {
        return vec!["/*".to_owned()];
    }
    addresses.iter().map(|address| encode(address).into_owned()).collect()
}

/// The outputs in the description of a stack.
fn outputs(xml: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut key = String::new();
    for (path, text) in texts(xml) {
        if path.ends_with("Outputs/member/OutputKey") {
            key = text;
        } else if path.ends_with("Outputs/member/OutputValue") {
            outputs.insert(key.clone(), text);
        }
    }
    outputs
}

/// Every text of a document with the names of its enclosing elements.
fn texts(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut names: Vec<String> = Vec::new();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut words = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                names.push(start.local_name().as_ref().to_owned());
                words.clear();
            }
            Ok(Event::Text(text)) => words.push_str(&text),
            Ok(Event::GeneralRef(name)) => words.push_str(match &*name {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                _ => "?",
            }),
            Ok(Event::End(_)) => {
                if !words.trim().is_empty() {
                    found.push((names.join("/"), words.trim().to_owned()));
                }
                words.clear();
                names.pop();
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stack_outputs_are_parsed() {
        let xml = "<DescribeStacksResponse xmlns=\"x\"><DescribeStacksResult><Stacks><member>\
            <StackName>daisy</StackName><Outputs><member><OutputKey>Bucket</OutputKey>\
            <OutputValue>a-b</OutputValue></member><member><Description>&lt;of it&gt;</Description>\
            <OutputKey>SiteUrl</OutputKey><OutputValue>https://x?a&amp;b</OutputValue></member>\
            </Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>";
        let outputs = outputs(xml);
        assert_eq!(outputs["Bucket"], "a-b");
        assert_eq!(outputs["SiteUrl"], "https://x?a&b");
    }

    #[test]
    fn both_addresses_of_a_page_are_invalidated_and_too_many_become_one() {
        let paths = ["stories/rose/index.html", "a b.pdf"].map(str::to_owned);
        assert_eq!(addresses(&paths), ["/a%20b.pdf", "/stories/rose/", "/stories/rose/index.html"]);
        let many: Vec<String> = (0..600).map(|at| format!("{at}/index.html")).collect();
        assert_eq!(addresses(&many), ["/*"]);
    }
}
