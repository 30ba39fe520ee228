//! Asks CloudFormation where a stack's parts are, and tells CloudFront what changed. Uses the network.
//!
//! Three signed calls ([`daisychain_functions::aws::Call`]): the clients of the two services would be
//! larger than all of `daisy`.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use daisychain_functions::aws::{Answer, Call, CallError};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::EDGE_TTL_SECONDS;
use super::bucket::BucketResult;
use super::release::address;
use super::served::Functions;
use crate::url::encode;

/// How long one question may take, with every try.
const LIMIT: Duration = Duration::from_secs(20);
/// CloudFront is one for the whole world, and signs as this region.
const WORLD: &str = "us-east-1";
/// As many addresses as AWS invalidates in a month for nothing; more are told as one, `/*`.
/// <https://aws.amazon.com/cloudfront/pricing/>
const MAX_INVALIDATIONS: usize = 1_000;

/// Where a site is published to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// The bucket.
    pub bucket: String,
    /// The distribution of CloudFront; none where nothing is cached.
    pub distribution: Option<String>,
    /// The table of the forms; none for a site without forms.
    pub table: Option<String>,
    /// The site's address.
    pub site_url: Option<String>,
    /// The functions that answer forms; nothing where no stack was named, and nobody knows.
    pub functions: Option<Functions>,
}

/// Reads the outputs of a stack (`DescribeStacks`, CloudFormation API, version 2010-05-15).
///
/// # Errors
/// There is no such stack, it is no site's, or it cannot be asked.
pub async fn describe(config: &SdkConfig, name: &str) -> BucketResult<Target> {
    // A variable that is set to nothing says nothing.
    let region = config.region().map(AsRef::as_ref).filter(|region: &&str| !region.is_empty());
    let region = region.ok_or("no region of AWS is set; say which with AWS_REGION")?;
    let body: String =
        [("Action", "DescribeStacks"), ("Version", "2010-05-15"), ("StackName", name)]
            .iter()
            .map(|(key, value)| format!("{key}={}&", encode(value).replace('/', "%2F")))
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
    let answer = answer.map_err(|why| format!("the stack `{name}` cannot be asked: {why}"))?;
    let outputs = outputs(&answer);
    let get = |key: &str| outputs.get(key).filter(|value| !value.is_empty()).cloned();
    let Some(bucket) = get("Bucket") else {
        return Err(format!(
            "the stack `{name}` has no output `Bucket`, so it holds no site; deploy it with `make deploy`"
        ));
    };
    let (distribution, table) = (get("DistributionId"), get("Table"));
    let functions = Some(Functions::read(name, get("Functions").as_deref()));
    Ok(Target { bucket, distribution, table, site_url: get("SiteUrl"), functions })
}

/// Tells CloudFront that these paths changed (`CreateInvalidation`, CloudFront API, version
/// 2020-05-31); gives the invalidation's name.
///
/// # Errors
/// It cannot be told.
pub async fn invalidate(
    config: &SdkConfig,
    distribution: &str,
    paths: &[String],
    reference: &str,
) -> BucketResult<String> {
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
    let answer = cloudfront(config, "POST", &path, &body).await.map_err(|why| {
        format!(
            "CloudFront could not be told what changed ({why}); it asks by itself within {EDGE_TTL_SECONDS} \
             seconds, and the next publish tells it again"
        )
    })?;
    Ok(texts(&answer).into_iter().find(|(path, _)| path == "Invalidation/Id").unwrap_or_default().1)
}

/// Waits until no edge of CloudFront holds what was invalidated: as long as it says, and at most as
/// long as a page may be kept there anyway.
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
) -> BucketResult<String> {
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

/// An answer that is fine, as text; else why it is not.
trait Fine {
    fn and_then_fine(self) -> BucketResult<String>;
}

impl Fine for Result<Answer, CallError> {
    fn and_then_fine(self) -> BucketResult<String> {
        let answer = self.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.is_success() {
            return Ok(text);
        }
        let message = texts(&text).into_iter().find(|(path, _)| path.ends_with("/Message"));
        Err(message.map_or_else(|| format!("AWS answered {}", answer.status), |(_, text)| text))
    }
}

/// The addresses that CloudFront may keep these paths under: what visitors ask for, and what it makes
/// of that.
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

/// The outputs that a description of a stack names.
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

/// Every text of a document with the names of the elements around it.
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
    fn a_stack_s_outputs_are_read() {
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
    fn both_addresses_of_a_page_are_told_and_too_many_are_one() {
        let paths = ["stories/rose/index.html", "a b.pdf"].map(str::to_owned);
        assert_eq!(addresses(&paths), ["/a%20b.pdf", "/stories/rose/", "/stories/rose/index.html"]);
        let many: Vec<String> = (0..600).map(|at| format!("{at}/index.html")).collect();
        assert_eq!(addresses(&many), ["/*"]);
    }
}
