//! Tests that the outputs of a stack give the target of a publish, and that only changed paths are
//! invalidated in its CloudFront distribution.

use daisychain_functions::aws::Call;

use super::cloud::{Cloud, config};
use super::support::transcript::Transcript;

/// A timeout for a test that would hang, not a measure of speed.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(300);

/// A versioned bucket with a distribution.
const TEMPLATE: &str = r#"{
  "Resources": {
    "Bucket": {
      "Type": "AWS::S3::Bucket",
      "Properties": { "VersioningConfiguration": { "Status": "Enabled" } }
    },
    "Distribution": {
      "Type": "AWS::CloudFront::Distribution",
      "Properties": { "DistributionConfig": {
        "Enabled": true,
        "Origins": [{
          "Id": "site",
          "DomainName": { "Fn::GetAtt": ["Bucket", "RegionalDomainName"] },
          "S3OriginConfig": { "OriginAccessIdentity": "" }
        }],
        "DefaultCacheBehavior": {
          "TargetOriginId": "site",
          "ViewerProtocolPolicy": "redirect-to-https",
          "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"
        }
      } }
    }
  },
  "Outputs": {
    "Bucket": { "Value": { "Ref": "Bucket" } },
    "DistributionId": { "Value": { "Ref": "Distribution" } },
    "SiteUrl": { "Value": { "Fn::Sub": "https://${Distribution.DomainName}" } },
    "Table": { "Value": "%table%" }%functions%
  }
}"#;

/// The output of a stack with a function for every form.
const FUNCTIONS: &str = r#", "Functions": { "Value": "newsletter,volunteer,chat,enquiry" }"#;

/// A form with this purpose.
fn form(purpose: &str) -> String {
    format!(
        "title: Come to lunch\npurpose: {purpose}\nphone: 024 7699 1234\nnotify: team@daisy.org.uk\n\
         submit: Save me a place\nthanks: {{ title: Thank you, next: See you there }}\n\
         fields:\n  - {{ name: email, kind: email, label: Email address }}\n\
         confirmation:\n  subject: Is it you?\n  mail: Press the button\n  button: Yes\n  \
         leave_button: No more\n  confirmed: {{ title: Good, next: Soon }}\n  \
         left: {{ title: Gone, next: Bye }}\n"
    )
}

#[tokio::test]
async fn a_form_without_a_function_in_the_stack_is_rejected() {
    let mut cloud = Cloud::new().await;
    let template = TEMPLATE.replace("%table%", &cloud.name);
    let older = cloud.name.clone();
    make_stack(&cloud, &template.replace("%functions%", "")).await;
    cloud.name = format!("{older}-2");
    make_stack(&cloud, &template.replace("%functions%", FUNCTIONS)).await;
    let newer = cloud.name.clone();

    let site = super::site();
    site.write("content/forms/lunch.yaml", &form("enquiry"));
    let mut told = Transcript::new(site.root());
    told.set("AWS_ENDPOINT_URL", &cloud.endpoint);
    told.then("an older stack, without a function for arbitrary forms");
    told.run(&["publish", "--stack", &older, "--yes"]);
    site.write("content/forms/lunch.yaml", &form("newsletter"));
    told.then("a newsletter with another name").run(&["publish", "--stack", &newer, "--yes"]);
    site.write("content/forms/newsletter.yaml", &form("newsletter"));
    told.then("a second newsletter").run(&["publish", "--stack", &newer, "--yes"]);
    // Each help is right for the form that it was given for.
    site.write("content/forms/lunch.yaml", &form("enquiry"));
    told.then("the second newsletter becomes an enquiry").run(&["publish", "--stack", &newer]);
    told.is_kept_as("publish-served", &[(&newer, "NEWER"), (&older, "OLDER")]);
}

async fn call(cloud: &Cloud, service: &str, method: &str, path: &str, body: &str) -> String {
    let call = Call {
        service,
        region: "eu-west-2",
        method,
        host: "",
        path,
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body,
    };
    let answer = call.make(&config(&cloud.endpoint).await, LIMIT).await.unwrap();
    String::from_utf8(answer.body).unwrap()
}

/// Creates a stack from a template, and waits until it is complete.
async fn make_stack(cloud: &Cloud, template: &str) {
    let template: String = template.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let words = format!(
        "Action=CreateStack&Version=2010-05-15&StackName={}&TemplateBody={template}",
        cloud.name
    );
    call(cloud, "cloudformation", "POST", "/", &words).await;
    let words = format!("Action=DescribeStacks&Version=2010-05-15&StackName={}", cloud.name);
    for _ in 0..3_000 {
        let answer = call(cloud, "cloudformation", "POST", "/", &words).await;
        if answer.contains("CREATE_COMPLETE") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the stack was not made");
}

/// Every text between `start` and `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

/// Like the `publish` workflow: GitHub issues an identity token, and AWS temporary credentials.
fn publish_without_keys(cloud: &Cloud, stack: &str, root: &std::path::Path) {
    let token = root.join("identity");
    std::fs::write(&token, "e30.e30.e30").unwrap();
    let now = super::support::SPRING.to_string();
    let mut command = cloud.command(root, &now, &["--stack", stack, "--yes"]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "no key was left to it");
    command.env("AWS_ROLE_ARN", "arn:aws:iam::000000000000:role/publisher");
    command.env("AWS_ROLE_SESSION_NAME", "publish-1").env("AWS_WEB_IDENTITY_TOKEN_FILE", &token);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("nothing to publish"));
}

#[tokio::test]
async fn a_stack_gives_the_target_and_changed_paths_are_invalidated() {
    let mut cloud = Cloud::new().await;
    let template = TEMPLATE.replace("%table%", &cloud.name).replace("%functions%", FUNCTIONS);
    make_stack(&cloud, &template).await;
    let stack = cloud.name.clone();
    let words = format!("Action=DescribeStacks&Version=2010-05-15&StackName={stack}");
    let outputs = call(&cloud, "cloudformation", "POST", "/", &words).await;
    let value = |key: &str| {
        let member = between(&outputs, "<OutputKey>", "</member>");
        let member = member.into_iter().find(|member| member.starts_with(&format!("{key}<")));
        between(member.unwrap(), "<OutputValue>", "<")[0].to_owned()
    };
    let (distribution, address) = (value("DistributionId"), value("SiteUrl"));
    let site = super::site();
    let publish = |words: &[&str]| {
        let now = super::support::SPRING.to_string();
        let words = [&["--stack", &stack, "--yes"], words].concat();
        let output = cloud.command(site.root(), &now, &words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = publish(&[]);
    publish_without_keys(&cloud, &stack, site.root());
    assert!(told.ends_with(&format!("published: {address}\n")), "{told}");
    let invalidations = format!("/2020-05-31/distribution/{distribution}/invalidation");
    let listed = call(&cloud, "cloudfront", "GET", &invalidations, "").await;
    assert_eq!(
        between(&listed, "<Id>", "<").len(),
        0,
        "nothing was there to be forgotten: {listed}"
    );

    site.write("content/about.md", "---\ntitle: About\n---\nAnother.\n");
    site.remove("content/stories/rose");
    publish(&[]);
    let listed = call(&cloud, "cloudfront", "GET", &invalidations, "").await;
    let mut paths = Vec::new();
    for id in between(&listed, "<Id>", "<") {
        let one = call(&cloud, "cloudfront", "GET", &format!("{invalidations}/{id}"), "").await;
        paths.extend(between(&one, "<Path>", "<").into_iter().map(str::to_owned));
    }
    paths.retain(|path| !path.starts_with("/images/"));
    paths.sort();
    let told = [
        "/",
        "/about/",
        "/about/index.html",
        "/index.html",
        "/sitemap.xml",
        "/stories/",
        "/stories/index.html",
        "/stories/rose/",
        "/stories/rose/index.html",
    ];
    assert_eq!(paths, told);
    cloud.name = value("Bucket");
    let visible = cloud.visible().await;
    let map = String::from_utf8_lossy(&visible["sitemap.xml"]).into_owned();
    assert!(map.contains(&format!("<loc>{address}/about/</loc>")), "made for the stack's address");
    let mut told = Transcript::new(site.root());
    told.set("AWS_ENDPOINT_URL", &cloud.endpoint);
    let settings = std::fs::read_to_string(site.root().join("content/site.yaml")).unwrap();
    site.write("content/site.yaml", &format!("{settings}base_url: https://daisy.org.uk\n"));
    told.then("the site has another address than the stack").run(&["publish", "--stack", &stack]);
    told.then("the stack does not exist").run(&["publish", "--stack", "nobody-s"]);
    told.then("no region");
    told.run_with(
        &["publish", "--stack", &stack],
        &[("AWS_REGION", "".as_ref()), ("AWS_DEFAULT_REGION", "".as_ref())],
    );
    cloud.name = format!("{stack}-bare");
    make_stack(&cloud, r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#).await;
    told.then("a stack that is not a site's").run(&["publish", "--stack", &cloud.name]);
    told.is_kept_as("publish-stack", &[(&stack, "STACK"), (&address, "https://OF-THE-STACK")]);
}
