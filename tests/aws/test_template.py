"""Checks functions/template.yaml itself, because the emulator ignores most of this."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from template import PATH, Template, raw

REGIONS = ["eu-west-2", "us-east-1"]
EVERYTHING = {
    "Domain": "www.daisy.example",
    "Certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b",
    "HostedZone": "Z1",
    "Repository": "daisy/campaign",
    "ReservedConcurrency": 50,
}
FUNCTIONS = ["Newsletter", "Volunteer", "Chat", "Enquiry"]
# Allowed uses of `*`: objects of our own bucket, and stages and methods of our own API.
OBJECTS = ["<Bucket.Arn>/site/*", "<Bucket.Arn>/releases/*"]
# And any recipient of emails from our sender: in the sandbox SES also asks for permission on their identity.
IDENTITIES = "arn:aws:ses:eu-west-2:123456789012:identity/*"
ROUTES = re.compile(r"arn:aws:execute-api:eu-west-2:123456789012:<Api>/\*/\*/api/(newsletter|volunteer|chat|)\*")
# Forms with their own functions.
FORMS = ["newsletter", "volunteer", "chat"]


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(template):
    """All statements of all policies: (where, statement)."""
    for name, resource in template.resources.items():
        properties = resource["Properties"]
        documents = [properties.get("PolicyDocument"), properties.get("AssumeRolePolicyDocument")]
        documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in filter(None, documents):
            for statement in document["Statement"]:
                yield name, statement


class Lint(unittest.TestCase):
    def test_cfn_lint_finds_nothing(self):
        lint = pathlib.Path(sys.executable).with_name("cfn-lint")
        run = subprocess.run(
            [lint, "--include-checks", "I", "--regions", *REGIONS, "--", PATH], capture_output=True, text=True
        )
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

class Policies(unittest.TestCase):
    def setUp(self):
        self.template = Template(**EVERYTHING)

    def test_nothing_is_allowed_on_everything(self):
        for name, statement in statements(self.template):
            if statement["Effect"] == "Deny":
                continue
            for action in listed(statement["Action"]):
                self.assertNotIn("*", action, name)
            for resource in listed(statement.get("Resource", [])):
                if resource == IDENTITIES:
                    self.assertEqual(statement["Condition"]["StringEquals"].keys(), {"ses:FromAddress"}, name)
                elif resource not in OBJECTS:
                    self.assertNotIn("*", resource, name)
            self.assertNotIn("NotAction", statement, name)
            self.assertNotIn("NotResource", statement, name)

    def test_only_known_principals_are_allowed(self):
        for name, statement in statements(self.template):
            principal = statement.get("Principal")
            if statement["Effect"] == "Deny" or principal is None:
                continue
            self.assertIsInstance(principal, dict, name)
            self.assertNotIn("*", listed(list(principal.values())[0]), name)
            # A service is only allowed for our own resources; a role's trust policy needs no more.
            if "Service" in principal and "Resource" in statement:
                self.assertIn("SourceArn", json.dumps(statement["Condition"]), name)

    def test_the_table_is_only_read_by_keys(self):
        for name, statement in statements(self.template):
            for action in listed(statement["Action"]):
                self.assertNotIn(action, ["dynamodb:Scan", "dynamodb:PartiQLSelect"])
                if not action.startswith("dynamodb:"):
                    continue
                # Key conditions are documented for tables, but not for indexes.
                if "/index/" in statement["Resource"]:
                    self.assertTrue(statement["Resource"].endswith("/index/due"), name)
                    self.assertNotIn("Condition", statement)
                    continue
                condition = statement["Condition"]
                self.assertEqual(condition["Null"], {"dynamodb:LeadingKeys": "false"}, name)
                keys = condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
                for key in keys:
                    # Items of one form, of any form, of a counter or of a list; a mailbox or a search term; or one
                    # complete key, such as the list of forms.
                    self.assertRegex(key, r"^(([A-Za-z-]+|\*)(#[A-Za-z-]+)+(#\*)?|(MAILBOX|SEARCH)#\*|[A-Z]+)$", name)
                self.assertEqual(len(keys), len(set(keys)), name)

    def test_only_roles_for_any_form_have_keys_of_any_form(self):
        for name, statement in statements(self.template):
            condition = statement.get("Condition", {})
            keys = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
            if not any(key.startswith("*") for key in keys):
                continue
            # The newsletter's function sends all emails, and the publisher uploads all definitions.
            self.assertIn(name, ["EnquiryRole", "NewsletterRole", "Publisher"])
            if name == "EnquiryRole":
                others = condition["ForAllValues:StringNotLike"]["dynamodb:LeadingKeys"]
                self.assertEqual(others, [f"{form}#*" for form in FORMS])

    def test_each_function_has_its_own_role(self):
        roles = [self.template.resources[name]["Properties"]["Role"] for name in FUNCTIONS]
        self.assertEqual(roles, [f"<{name}Role.Arn>" for name in FUNCTIONS])
        for name in FUNCTIONS:
            policies = self.template.resources[f"{name}Role"]["Properties"]["Policies"]
            others = [form for form in FORMS if form != name.lower()]
            keys = json.dumps(policies)
            if name in ("Volunteer", "Chat"):
                for other in others:
                    self.assertNotIn(f"{other}#", keys)

    def test_besides_the_table_a_function_logs_reads_its_secrets_and_sends_email(self):
        """functions/tests/rights/ compares the permissions on the table with recorded calls."""
        common = {"logs:CreateLogStream", "logs:PutLogEvents", "ssm:GetParameters", "ses:SendEmail", "ses:SendRawEmail"}
        for name in FUNCTIONS:
            role = self.template.resources[f"{name}Role"]["Properties"]
            self.assertEqual(role["ManagedPolicyArns"], ["<Basics>"])
            documents = [policy["PolicyDocument"] for policy in role["Policies"]]
            documents.append(self.template.resources["Basics"]["Properties"]["PolicyDocument"])
            granted = [s for document in documents for s in document["Statement"]]
            actions = {action for s in granted for action in listed(s["Action"])}
            others = {action for action in actions if not action.startswith("dynamodb:")}
            # Lambda itself sends failed events to the queue.
            self.assertEqual(others, common | ({"sqs:SendMessage"} if name == "Newsletter" else set()), name)
            (log,) = [s["Resource"] for s in granted if s["Sid"] == "Log"]
            self.assertEqual(log, f"<{name}Log.Arn>")
        # The calls that read secrets and send email.
        source = PATH.parent / "src"
        self.assertIn("AmazonSSM.GetParameters", (source / "secrets.rs").read_text(encoding="utf-8"))
        self.assertIn(".send_email()", (source / "mail/ses.rs").read_text(encoding="utf-8"))

    def test_only_our_main_branch_may_publish(self):
        role = self.template.resources["Publisher"]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        equals = trust["Condition"]["StringEquals"]
        self.assertEqual(
            equals,
            {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:daisy/campaign:ref:refs/heads/main",
            },
        )
        self.assertNotIn("Publisher", Template().resources)
        self.assertNotIn("GitHub", Template(**EVERYTHING, GitHubProvider="arn:aws:iam::1:oidc").resources)

    def test_the_publisher_has_the_permissions_that_publishing_needs(self):
        # S3's actions for each call of the client (AWS, "Actions, resources, and condition keys for Amazon S3").
        # Without ListBucket, S3 answers 403 instead of 404 for a missing file.
        needed = {
            "get_bucket_versioning": {"GetBucketVersioning"},
            "list_object_versions": {"ListBucketVersions"},
            "get_object": {"GetObject", "ListBucket"},
            "put_object": {"PutObject"},
            "copy_object": {"GetObjectVersion", "PutObject"},
            "delete_objects": {"DeleteObject", "DeleteObjectVersion"},
        }
        folder = PATH.parents[1] / "generator/src/publish"
        calls = set()
        for path in folder.glob("*.rs"):
            calls |= set(re.findall(r"client\s*\.(\w+)\(\)", path.read_text(encoding="utf-8")))
        self.assertLessEqual(calls, set(needed))
        done = {f"s3:{action}" for call in calls for action in needed[call]}
        # The three calls of stack.rs.
        source = (folder / "stack.rs").read_text(encoding="utf-8")
        for words in ['"DescribeStacks"', '"POST", &path', '"GET", &path']:
            self.assertIn(words, source)
        done |= {"cloudformation:DescribeStacks", "cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"}
        (policy,) = self.template.resources["Publisher"]["Properties"]["Policies"]
        granted = {a for s in policy["PolicyDocument"]["Statement"] for a in listed(s["Action"])}
        self.assertEqual({action for action in granted if not action.startswith("dynamodb:")}, done)

    def test_a_function_is_only_called_by_its_own_callers(self):
        permissions = self.template.of("AWS::Lambda::Permission")
        self.assertEqual(len(permissions), 6)
        for name, permission in permissions.items():
            source = permission["Properties"]["SourceArn"]
            if not ROUTES.fullmatch(source):
                self.assertIn(source, ["<EveryMinute.Arn>", "<Feedback.Arn>"], name)


class Stores(unittest.TestCase):
    def setUp(self):
        self.template = Template()

    def test_the_table(self):
        table = self.template.resources["Table"]
        properties = table["Properties"]
        self.assertEqual((table["DeletionPolicy"], table["UpdateReplacePolicy"]), ("Retain", "Retain"))
        self.assertEqual(properties["BillingMode"], "PAY_PER_REQUEST")
        self.assertIs(properties["DeletionProtectionEnabled"], True)
        self.assertEqual(properties["TimeToLiveSpecification"], {"AttributeName": "expires", "Enabled": True})
        self.assertEqual(properties["PointInTimeRecoverySpecification"], {"PointInTimeRecoveryEnabled": True})
        self.assertEqual(properties["SSESpecification"], {"SSEEnabled": True, "SSEType": "KMS"})
        lists, due = properties["GlobalSecondaryIndexes"]
        self.assertEqual((lists["IndexName"], due["IndexName"]), ("lists", "due"))
        self.assertEqual(keys_of(properties), ["pk", "sk"])
        self.assertEqual((keys_of(lists), keys_of(due)), (["list", "rank"], ["list", "due"]))
        # A function may query all of it.
        self.assertEqual(due["Projection"], {"ProjectionType": "KEYS_ONLY"})

    def test_the_bucket_is_private(self):
        bucket = self.template.resources["Bucket"]["Properties"]
        block = bucket["PublicAccessBlockConfiguration"]
        self.assertEqual(len(block), 4)
        self.assertTrue(all(value is True for value in block.values()))
        self.assertEqual(bucket["OwnershipControls"]["Rules"], [{"ObjectOwnership": "BucketOwnerEnforced"}])
        self.assertEqual(bucket["VersioningConfiguration"], {"Status": "Enabled"})
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        self.assertEqual(rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
        self.assertNotIn("WebsiteConfiguration", bucket)
        self.assertEqual(list(self.template.of("AWS::S3::Bucket")), ["Bucket"])
        read, deny = self.template.resources["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        self.assertEqual((read["Action"], read["Resource"]), ("s3:GetObject", "<Bucket.Arn>/site/*"))
        self.assertEqual(read["Principal"], {"Service": "cloudfront.amazonaws.com"})
        self.assertTrue(read["Condition"]["StringEquals"]["aws:SourceArn"].endswith("distribution/<Distribution>"))
        self.assertEqual((deny["Effect"], deny["Condition"]["Bool"]["aws:SecureTransport"]), ("Deny", "false"))

    def test_dead_letters_are_kept_and_encrypted(self):
        queue = self.template.resources["DeadLetters"]["Properties"]
        self.assertIs(queue["SqsManagedSseEnabled"], True)
        self.assertEqual(queue["MessageRetentionPeriod"], 14 * 24 * 3600)
        for rule in ("EveryMinute", "Feedback"):
            (target,) = self.template.resources[rule]["Properties"]["Targets"]
            self.assertEqual(target["Arn"], "<Newsletter.Arn>")
            self.assertEqual(target["DeadLetterConfig"], {"Arn": "<DeadLetters.Arn>"})
        retries = self.template.resources["NewsletterRetries"]["Properties"]
        self.assertEqual(retries["FunctionName"], "<Newsletter>")
        self.assertEqual(retries["DestinationConfig"]["OnFailure"], {"Destination": "<DeadLetters.Arn>"})

    def test_an_update_never_deletes_the_table_or_the_budget(self):
        for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket"):
            for resource in self.template.of(kind).values():
                self.assertEqual(resource["UpdateReplacePolicy"], "Retain")

    def test_another_table_replaces_our_own_everywhere(self):
        template = Template(OtherTable="restored")
        for name, statement in statements(template):
            if any(action.startswith("dynamodb:") for action in listed(statement["Action"])):
                arn = "arn:aws:dynamodb:eu-west-2:123456789012:table/restored"
                self.assertIn(statement["Resource"], [arn, f"{arn}/index/due"], name)
        for name in FUNCTIONS:
            variables = template.resources[name]["Properties"]["Environment"]["Variables"]
            self.assertEqual(variables["DAISYCHAIN_TABLE"], "restored")
        self.assertEqual(template.outputs["Table"], "restored")
        self.assertEqual(Template().outputs["Table"], "<Table>")


def keys_of(table):
    return [key["AttributeName"] for key in table["KeySchema"]]


class Functions(unittest.TestCase):
    def setUp(self):
        self.template = Template()

    def test_every_function_has_the_same_settings(self):
        settings = [self.template.resources[name]["Properties"]["Environment"] for name in FUNCTIONS]
        for name, each in zip(FUNCTIONS, settings):
            self.assertEqual(each, settings[0], name)

    def test_how_they_run(self):
        for name in FUNCTIONS:
            function = self.template.resources[name]["Properties"]
            self.assertEqual(function["Runtime"], "provided.al2023")
            self.assertEqual(function["Architectures"], ["arm64"])
            self.assertEqual(function["LoggingConfig"], {"LogGroup": f"<{name}Log>"})
            log = self.template.resources[f"{name}Log"]["Properties"]
            self.assertEqual(log["RetentionInDays"], 14)
            self.assertNotIn("ReservedConcurrentExecutions", function)
            reserved = Template(**EVERYTHING).resources[name]["Properties"]
            self.assertEqual(reserved["ReservedConcurrentExecutions"], "50")
        built = Template(Architecture="x86_64").resources["Chat"]["Properties"]
        self.assertEqual(built["Architectures"], ["x86_64"])

    def test_they_know_the_addresses_of_pages_and_forms(self):
        def addresses(**parameters):
            variables = Template(**parameters).resources["Chat"]["Properties"]["Environment"]["Variables"]
            return variables["DAISYCHAIN_SITE"], variables["DAISYCHAIN_FORMS_URL"]

        own = {name: EVERYTHING[name] for name in ("Domain", "Certificate")}
        self.assertEqual(addresses(), ("https://<Distribution.DomainName>", ""))
        self.assertEqual(addresses(**own), ("https://www.daisy.example", ""))
        elsewhere = "https://pages.example"
        self.assertEqual(addresses(PagesUrl=elsewhere), (elsewhere, "https://<Distribution.DomainName>"))
        self.assertEqual(addresses(PagesUrl=elsewhere, **own), (elsewhere, "https://www.daisy.example"))

    def test_no_secret_is_in_their_environment(self):
        for name in FUNCTIONS:
            variables = self.template.resources[name]["Properties"]["Environment"]["Variables"]
            self.assertNotIn("0" * 32, json.dumps(variables))
            secrets = {key for key in variables if key.endswith("_PARAMETER")}
            self.assertEqual(
                secrets,
                {f"DAISYCHAIN_{it}_PARAMETER" for it in ("TOKEN_KEYS", "PERSON_KEY", "ORIGIN_SECRET")},
            )
            readable = [
                f"arn:aws:ssm:eu-west-2:123456789012:parameter{variables[key]}" for key in sorted(secrets)
            ]
            granted = next(s for _, s in statements(self.template) if s.get("Sid") == "Secrets")
            self.assertEqual(sorted(granted["Resource"]), sorted(readable))
        self.assertIs(raw()["Parameters"]["OriginSecret"]["NoEcho"], True)

    def test_emails_are_only_sent_in_our_own_name(self):
        mail = next(s for _, s in statements(self.template) if s.get("Sid") == "Mail")
        self.assertEqual(mail["Condition"], {"StringEquals": {"ses:FromAddress": "hello@daisy.example"}})
        sets = IDENTITIES.replace("identity/*", "configuration-set/<MailSet>")
        self.assertEqual(mail["Resource"], [IDENTITIES, sets])
        sender = self.template.resources["Sender"]["Properties"]
        self.assertEqual(sender["ConfigurationSetAttributes"], {"ConfigurationSetName": "<MailSet>"})
        self.assertNotIn("Sender", Template(MakeMailIdentity="no").resources)

    def test_bounces_and_complaints_are_reported(self):
        events = self.template.resources["MailEvents"]["Properties"]["EventDestination"]
        self.assertIs(events["Enabled"], True)
        self.assertEqual(events["MatchingEventTypes"], ["bounce", "complaint"])
        # SES suppresses complaints only. After a bounce, people can sign up again and are asked to confirm.
        suppressed = self.template.resources["MailSet"]["Properties"]["SuppressionOptions"]
        self.assertEqual(suppressed, {"SuppressedReasons": ["COMPLAINT"]})
        pattern = self.template.resources["Feedback"]["Properties"]["EventPattern"]
        recorded = json.loads((PATH.parent / "tests/events/bounce.json").read_text())
        self.assertIn(recorded["source"], pattern["source"])
        self.assertIn(recorded["detail-type"], pattern["detail-type"])
        tag = pattern["detail"]["mail"]["tags"]["ses:configuration-set"]
        self.assertEqual(tag, ["<MailSet>"])
        self.assertIn("ses:configuration-set", recorded["detail"]["mail"]["tags"])

    def test_emails_are_sent_every_minute(self):
        self.assertEqual(
            self.template.resources["EveryMinute"]["Properties"]["ScheduleExpression"], "rate(1 minute)"
        )


class Front(unittest.TestCase):
    def setUp(self):
        self.template = Template()
        self.distribution = self.config(self.template)

    def config(self, template):
        return template.resources["Distribution"]["Properties"]["DistributionConfig"]

    def test_requests_are_limited(self):
        stage = self.template.resources["ApiStage"]["Properties"]
        self.assertEqual(stage["DefaultRouteSettings"]["ThrottlingRateLimit"], "50")
        self.assertNotIn("AccessLogSettings", stage)

    def test_a_form_goes_to_its_own_function_and_any_other_to_one_for_all(self):
        routes = {
            route["Properties"]["RouteKey"]: route["Properties"]["Target"]
            for route in self.template.of("AWS::ApiGatewayV2::Route").values()
        }
        wanted = {
            f"ANY /api/{form}{rest}": f"integrations/<{form.capitalize()}Integration>"
            for form in FORMS
            for rest in ("", "/{page+}")
        }
        wanted["ANY /api/{proxy+}"] = "integrations/<EnquiryIntegration>"
        self.assertEqual(routes, wanted)

    def test_publishing_can_read_which_functions_there_are(self):
        self.assertEqual(self.template.outputs["Functions"].split(","), [name.lower() for name in FUNCTIONS])
        source = (PATH.parent / "src/lambda_routes.rs").read_text(encoding="utf-8")
        for form in FORMS:
            self.assertIn(f'"{form}"', source)

    def test_forms_go_to_the_api_and_are_never_cached(self):
        (forms,) = self.distribution["CacheBehaviors"]
        self.assertEqual((forms["PathPattern"], forms["TargetOriginId"]), ("/api/*", "forms"))
        self.assertEqual(forms["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad")
        self.assertIn("POST", forms["AllowedMethods"])
        self.assertEqual(forms["ViewerProtocolPolicy"], "https-only")
        policy = self.template.resources["FormsRequest"]["Properties"]["OriginRequestPolicyConfig"]
        self.assertIn("CloudFront-Viewer-Address", policy["HeadersConfig"]["Headers"])
        self.assertEqual(policy["CookiesConfig"], {"CookieBehavior": "none"})
        self.assertEqual(policy["QueryStringsConfig"], {"QueryStringBehavior": "all"})

    def test_the_api_gets_a_secret_and_the_bucket_a_signature(self):
        origins = {origin["Id"]: origin for origin in self.distribution["Origins"]}
        (header,) = origins["forms"]["OriginCustomHeaders"]
        self.assertEqual(header, {"HeaderName": "x-origin-secret", "HeaderValue": "0" * 32})
        self.assertEqual(origins["forms"]["CustomOriginConfig"]["OriginProtocolPolicy"], "https-only")
        self.assertEqual(origins["site"]["OriginAccessControlId"], "<OriginAccess.Id>")
        self.assertEqual(origins["site"]["OriginPath"], "/site")
        access = self.template.resources["OriginAccess"]["Properties"]["OriginAccessControlConfig"]
        self.assertEqual((access["SigningBehavior"], access["SigningProtocol"]), ("always", "sigv4"))

    def test_pages_are_short_lived_and_digested_files_are_not(self):
        site = self.distribution["DefaultCacheBehavior"]
        self.assertEqual(site["CachePolicyId"], "<SiteCache>")
        policy = self.template.resources["SiteCache"]["Properties"]["CachePolicyConfig"]
        # Within these limits the file's own Cache-Control applies: `max-age=0` or a year.
        self.assertEqual((policy["MinTTL"], policy["DefaultTTL"], policy["MaxTTL"]), (0, 60, 31_536_000))
        parts = policy["ParametersInCacheKeyAndForwardedToOrigin"]
        self.assertTrue(parts["EnableAcceptEncodingBrotli"] and parts["EnableAcceptEncodingGzip"])
        self.assertIs(site["Compress"], True)
        self.assertEqual(site["AllowedMethods"], ["GET", "HEAD"])
        self.assertEqual(site["ViewerProtocolPolicy"], "redirect-to-https")

    def test_connections(self):
        self.assertEqual(self.distribution["HttpVersion"], "http2and3")
        self.assertEqual(self.distribution["ViewerCertificate"], {"CloudFrontDefaultCertificate": True})
        own = self.config(Template(**EVERYTHING))
        self.assertEqual(own["ViewerCertificate"]["MinimumProtocolVersion"], "TLSv1.2_2021")
        self.assertEqual(own["ViewerCertificate"]["AcmCertificateArn"], EVERYTHING["Certificate"])
        self.assertEqual(own["Aliases"], ["www.daisy.example"])
        self.assertNotIn("Aliases", self.distribution)
        # The site works while the domain's certificate is pending.
        waiting = self.config(Template(Domain="www.daisy.example"))
        self.assertNotIn("Aliases", waiting)

    def test_a_missing_page_shows_the_sites_own_and_a_functions_response_is_kept(self):
        errors = self.distribution["CustomErrorResponses"]
        self.assertEqual([(e["ErrorCode"], e["ResponseCode"]) for e in errors], [(403, 404)])
        # No function answers a visitor with that status, because their answers would be lost.
        library = (PATH.parent / "src").rglob("*.rs")
        users = sorted(file.name for file in library if "FORBIDDEN" in file.read_text(encoding="utf-8"))
        # For requests that bypass CloudFront, and for the team's pages, which are not behind it.
        self.assertEqual(users, ["lambda.rs", "team.rs"])

    def test_both_behaviours_have_the_headers(self):
        for behaviour in [self.distribution["DefaultCacheBehavior"], *self.distribution["CacheBehaviors"]]:
            self.assertEqual(behaviour["ResponseHeadersPolicyId"], "<Headers>")


class Operations(unittest.TestCase):
    def test_problems_raise_alarms(self):
        template = Template()
        alarms = template.of("AWS::CloudWatch::Alarm")
        self.assertEqual(
            sorted(alarms),
            sorted(
                f"{name}Alarm"
                for name in [
                    *"NotStored Brake MailsFailed OldestMail DeadLetters Api4xx Api5xx".split(),
                    *(name + metric for name in FUNCTIONS for metric in ("Errors", "Throttles")),
                ]
            ),
        )
        for name in FUNCTIONS:
            for metric in ("Errors", "Throttles"):
                alarm = alarms[f"{name}{metric}Alarm"]["Properties"]
                self.assertEqual((alarm["Namespace"], alarm["MetricName"]), ("AWS/Lambda", metric))
                self.assertEqual(alarm["Dimensions"], [{"Name": "FunctionName", "Value": f"<{name}>"}])
        # Names and dimensions of HTTP APIs differ from those of REST APIs.
        dimensions = [{"Name": "ApiId", "Value": "<Api>"}, {"Name": "Stage", "Value": "<ApiStage>"}]
        server = alarms["Api5xxAlarm"]["Properties"]
        self.assertEqual((server["Namespace"], server["MetricName"]), ("AWS/ApiGateway", "5xx"))
        self.assertEqual(server["Dimensions"], dimensions)
        share, *parts = alarms["Api4xxAlarm"]["Properties"]["Metrics"]
        self.assertEqual([share["ReturnData"], *(part["ReturnData"] for part in parts)], [True, False, False])
        for part, (name, metric) in zip(parts, (("refused", "4xx"), ("requests", "Count"))):
            self.assertIn(name, share["Expression"])
            wanted = {"Namespace": "AWS/ApiGateway", "MetricName": metric, "Dimensions": dimensions}
            self.assertEqual((part["Id"], part["MetricStat"]["Metric"]), (name, wanted))
        for name, alarm in alarms.items():
            self.assertEqual(alarm["Properties"]["AlarmActions"], ["<Alarms>"])
            if name != "OldestMailAlarm":
                self.assertEqual(alarm["Properties"]["TreatMissingData"], "notBreaching", name)
        # A schedule that does not run reports nothing, which must raise the alarm.
        self.assertEqual(alarms["OldestMailAlarm"]["Properties"]["TreatMissingData"], "breaching")
        (subscription,) = template.resources["Alarms"]["Properties"]["Subscription"]
        self.assertEqual(subscription, {"Protocol": "email", "Endpoint": "team@daisy.example"})

    def test_metrics_use_events_that_the_functions_log(self):
        written = "".join(file.read_text(encoding="utf-8") for file in (PATH.parent / "src").rglob("*.rs"))
        filters = Template().of("AWS::Logs::MetricFilter")
        names = {name for it in filters.values() for name in events_of(it)}
        self.assertEqual(
            names, {"not_stored", "panic", "not_started", "mail_limit", "mail_failed", "posted"}
        )
        for name in names:
            self.assertIn(f'"{name}"', written)
        # Each alarm's own metric comes from a filter.
        made = {it["Properties"]["MetricTransformations"][0]["MetricName"] for it in filters.values()}
        asked = {
            alarm["Properties"]["MetricName"]
            for alarm in Template().of("AWS::CloudWatch::Alarm").values()
            if alarm["Properties"].get("Namespace") == "daisychain/daisy"
        }
        self.assertEqual(made, asked)

    def test_the_budget_sends_warnings_and_is_optional(self):
        budget = Template(MonthlyBudget=25).resources["Budget"]["Properties"]
        self.assertEqual(budget["Budget"]["BudgetLimit"]["Amount"], "25")
        self.assertNotIn("Budget", Template(MonthlyBudget=0).resources)

    def test_all_resources_are_tagged(self):
        for name, resource in Template(**EVERYTHING).resources.items():
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-2", resource["Type"]).schema
            properties = schema["properties"]
            word = next((word for word in ("Tags", "ResourceTags") if word in properties), None)
            if word is None:
                continue
            tags = resource["Properties"].get(word)
            self.assertIn(tags, [{"daisychain": "daisy"}, [{"Key": "daisychain", "Value": "daisy"}]], name)

    def test_what_publishing_reads_is_there(self):
        outputs = Template(**EVERYTHING).outputs
        for name in ("Bucket", "DistributionId", "SiteUrl", "Table", "ApiUrl"):
            self.assertIn(name, outputs)
        self.assertEqual(outputs["SiteUrl"], "https://www.daisy.example")
        self.assertEqual(Template().outputs["SiteUrl"], "https://<Distribution.DomainName>")

    def test_every_parameter_is_described_and_most_have_defaults(self):
        parameters = raw()["Parameters"]
        for name, parameter in parameters.items():
            self.assertTrue(parameter.get("Description", "").endswith("."), name)
        grouped = [
            name
            for group in raw()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
            for name in group["Parameters"]
        ]
        self.assertEqual(sorted(grouped), sorted(parameters))


def events_of(metric_filter):
    return re.findall(r'\$\.event = "([a-z_]+)"', metric_filter["Properties"]["FilterPattern"])


if __name__ == "__main__":
    unittest.main()
