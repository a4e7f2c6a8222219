//! The API's description of itself, OpenAPI 3.1: what each handler says of itself, and what is true of all of them.
//!
//! A handler's `#[utoipa::path]` names its path, its success and, as `x-codes`, the ways to fail that are its own; it is
//! for members unless it says `security(())`. The envelope, the failures that every route shares and the examples are put
//! in here, once. `x-as-is` marks an answer that wears no envelope.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::example::example_of;
use crate::error::{Entry, Error, Language, Result};

const JSON: &str = "application/json";
const ABOUT: &str = "Success is `{\"code\":\"0000\",\"message\":\"SUCCESS\",\"data\":…}`, failure `{\"code\",\"message\"}`; the \
    message is Korean unless `Accept-Language` prefers English. A code never changes its meaning. An unknown path answers \
    404 `1404`. Ids are integers, instants ISO 8601 in UTC with milliseconds. Unknown fields are ignored; where a field \
    may be null, that is the same as leaving it out, unless it says what null does. HEAD works where GET does, and \
    `If-None-Match` with an `ETag` answers 304.";

/// The whole document.
pub(crate) fn finished(api: OpenApi) -> Result<Value> {
    let mut document = serde_json::to_value(api).map_err(|error| Error::Internal(error.into()))?;
    let errors = Error::every();
    let table: BTreeMap<&str, Entry> =
        errors.iter().map(Error::entry).map(|entry| (entry.code, entry)).collect();
    let components = components(document["components"]["schemas"].take(), &table);
    let shared = Shared { table, schemas: &components["schemas"] };
    for (path, item) in fields_of(&mut document["paths"]) {
        for (method, operation) in fields_of(item) {
            shared.finish(path, method, operation)?;
        }
    }
    document["info"] = json!({
        "title": "BambiTalk",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": "MIT OR Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
    });
    document["servers"] = json!([{ "url": "/", "description": "This server" }]);
    document["security"] = json!([{ "bearer": [] }]);
    document["components"] = components;
    Ok(document)
}

fn components(mut schemas: Value, table: &BTreeMap<&str, Entry>) -> Value {
    schemas["Failure"] = json!({
        "type": "object",
        "description": "Every failure",
        "required": ["code", "message"],
        "properties": { "code": { "type": "string" }, "message": { "type": "string" } },
    });
    let example = |entry: &Entry| {
        let message = entry.text(Language::default());
        json!({
            "summary": entry.text(Language::English),
            "value": { "code": entry.code, "message": message },
        })
    };
    let examples: Map<String, Value> =
        table.iter().map(|(code, entry)| ((*code).to_owned(), example(entry))).collect();
    let bearer = json!({ "type": "http", "scheme": "bearer", "description": "An access token" });
    json!({ "schemas": schemas, "examples": examples, "securitySchemes": { "bearer": bearer } })
}

fn fields_of(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

/// What every operation is finished with.
struct Shared<'a> {
    table: BTreeMap<&'a str, Entry>,
    schemas: &'a Value,
}

impl Shared<'_> {
    fn finish(&self, path: &str, method: &str, operation: &mut Value) -> Result<()> {
        let Some(fields) = operation.as_object_mut() else { return Ok(()) };
        let own = fields.remove("x-codes").unwrap_or_default();
        let is_as_is = fields.remove("x-as-is").is_some();
        let is_public = fields.contains_key("security");
        if is_public {
            fields.insert("security".to_owned(), json!([]));
        }
        let has_body = fields.contains_key("requestBody");
        let mut codes: BTreeSet<&str> =
            own.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        codes.extend(common(method, has_body, is_public));
        if has_body {
            self.finish_body(&mut operation["requestBody"]);
        }
        add_path_parameters(path, operation);
        if method == "get" && !is_as_is {
            operation["responses"]["304"] = json!({});
        }
        for (status, response) in fields_of(&mut operation["responses"]) {
            if status.starts_with('2') && !is_as_is {
                wrap(response);
                if method == "get" {
                    response["headers"]["ETag"] = json!({ "schema": { "type": "string" } });
                }
            }
            self.add_examples(response);
            describe(status, response);
        }
        self.add_failures(&codes, &mut operation["responses"])
    }

    /// A body may be left out where no field must be there.
    fn finish_body(&self, body: &mut Value) {
        let mut is_required = false;
        for (_, content) in fields_of(&mut body["content"]) {
            is_required |= has_required(&content["schema"], self.schemas);
            if content["example"].is_null() {
                content["example"] = example_of(&content["schema"], self.schemas);
            }
        }
        body["required"] = json!(is_required);
    }

    /// One example, or one of each form that an answer can have.
    fn add_examples(&self, response: &mut Value) {
        let Some(content) = response.get_mut("content").and_then(|content| content.get_mut(JSON))
        else {
            return;
        };
        if !content["example"].is_null() {
            return;
        }
        let data = &content["schema"]["properties"]["data"];
        let forms = resolved(data, self.schemas)["oneOf"].as_array().cloned().unwrap_or_default();
        let mut example = example_of(&content["schema"], self.schemas);
        if forms.is_empty() {
            content["example"] = example;
            return;
        }
        let mut examples = Map::new();
        for (at, form) in (1..).zip(forms) {
            example["data"] = example_of(&form, self.schemas);
            examples.insert(at.to_string(), json!({ "value": example }));
        }
        content["examples"] = Value::Object(examples);
    }

    /// A response for each status, with the codes that come under it; one that the handler described itself stays.
    fn add_failures(&self, codes: &BTreeSet<&str>, responses: &mut Value) -> Result<()> {
        let mut by_status = BTreeMap::<u16, Vec<&Entry>>::new();
        for code in codes {
            let unknown =
                || Error::Internal(anyhow::anyhow!("a route names {code}, which is no code"));
            let entry = self.table.get(code).ok_or_else(unknown)?;
            by_status.entry(entry.status.as_u16()).or_default().push(entry);
        }
        for (status, entries) in by_status {
            let status = status.to_string();
            if responses[&status].is_null() {
                responses[&status] = failure(&status, &entries);
            }
        }
        Ok(())
    }
}

fn has_required(schema: &Value, schemas: &Value) -> bool {
    let schema = resolved(schema, schemas);
    let parts = schema["allOf"].as_array();
    schema["required"].as_array().is_some_and(|fields| !fields.is_empty())
        || parts.is_some_and(|parts| parts.iter().any(|part| has_required(part, schemas)))
}

/// What any route may answer.
fn common(method: &str, has_body: bool, is_public: bool) -> Vec<&'static str> {
    let mut codes = vec!["1405", "1408", "1500", "1501", "1503"];
    if has_body {
        codes.extend(["1400", "1401", "1413", "1415"]);
    }
    if !is_public {
        codes.extend(["2400", "2410"]);
    }
    if method != "get" {
        codes.extend(["1403", "6407", "9507"]);
    }
    codes
}

fn failure(status: &str, entries: &[&Entry]) -> Value {
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| format!("`{}` {}", entry.code, entry.text(Language::English)))
        .collect();
    let codes: Vec<&str> = entries.iter().map(|entry| entry.code).collect();
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| {
            ((*code).to_owned(), json!({ "$ref": format!("#/components/examples/{code}") }))
        })
        .collect();
    let one_of_these = json!({ "properties": { "code": { "enum": codes } } });
    let schema = json!({ "allOf": [{ "$ref": "#/components/schemas/Failure" }, one_of_these] });
    let mut response = json!({
        "description": lines.join("\n\n"),
        "content": { JSON: { "schema": schema, "examples": examples } },
    });
    if matches!(status, "429" | "503") {
        response["headers"]["Retry-After"] =
            json!({ "description": "Seconds", "schema": { "type": "integer" } });
    }
    response
}

/// Puts a success into the envelope. `body = Option<…>` is data that may be missing, with its key.
fn wrap(response: &mut Value) {
    let mut schema = json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": { "code": { "const": "0000" }, "message": { "const": "SUCCESS" } },
    });
    let mut example = Value::Null;
    if let Some(data) = response.get("content").and_then(|content| content.get(JSON)) {
        if let Some(own) = data.get("example") {
            example = json!({ "code": "0000", "message": "SUCCESS", "data": own });
        }
        let mut data = data["schema"].clone();
        let forms = data["oneOf"].as_array().cloned().unwrap_or_default();
        let (nothing, something): (Vec<_>, Vec<_>) =
            forms.into_iter().partition(|form| form["type"] == "null");
        match (nothing.is_empty(), something.as_slice()) {
            (false, [only]) => data = only.clone(),
            _ => schema["required"] = json!(["code", "message", "data"]),
        }
        schema["properties"]["data"] = data;
    }
    let mut content = json!({ "schema": schema });
    if !example.is_null() {
        content["example"] = example;
    }
    response["content"] = json!({ JSON: content });
}

fn describe(status: &str, response: &mut Value) {
    if response["description"].as_str().is_none_or(str::is_empty) {
        response["description"] = json!(match status {
            "201" => "Created.",
            "304" => "Not changed.",
            _ => "Done.",
        });
    }
}

/// `{id}` and its like are numbers, anything else is text, unless the handler says otherwise.
fn add_path_parameters(path: &str, operation: &mut Value) {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    for name in names {
        if parameters.iter().any(|parameter| parameter["name"] == name) {
            continue;
        }
        let is_id = name == "id" || name.ends_with("Id");
        let schema = if is_id {
            json!({ "type": "integer", "format": "int64", "examples": [1] })
        } else {
            json!({ "type": "string" })
        };
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
}

/// The schema itself where there is a reference to it.
pub(super) fn resolved<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}
