//! An example of what a schema describes, made of the examples that stand at its fields.

use serde_json::{Map, Value, json};

use super::openapi::resolved;

/// A value that fits the schema: its own example, else one put together of its parts'.
pub(super) fn example_of(schema: &Value, schemas: &Value) -> Value {
    let schema = resolved(schema, schemas);
    let own = [&schema["examples"][0], &schema["example"], &schema["const"], &schema["enum"][0]];
    if let Some(own) = own.into_iter().find(|value| !value.is_null()) {
        return own.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return Value::Object(parts.iter().flat_map(|part| object(part, schemas)).collect());
    }
    let forms = ["oneOf", "anyOf"].into_iter().find_map(|key| schema[key].as_array());
    if let Some(form) = forms.and_then(|forms| forms.iter().find(|form| form["type"] != "null")) {
        return example_of(form, schemas);
    }
    match kind(schema) {
        "object" => Value::Object(properties(schema, schemas)),
        "array" => json!([example_of(&schema["items"], schemas)]),
        "integer" => json!(1),
        "boolean" => json!(false),
        "string" => text(schema),
        _ => Value::Null,
    }
}

fn object(schema: &Value, schemas: &Value) -> Map<String, Value> {
    match example_of(schema, schemas) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn properties(schema: &Value, schemas: &Value) -> Map<String, Value> {
    let fields = schema["properties"].as_object();
    fields
        .into_iter()
        .flatten()
        .map(|(name, field)| (name.clone(), example_of(field, schemas)))
        .collect()
}

/// The type, null aside.
fn kind(schema: &Value) -> &str {
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.as_slice(),
        one => std::slice::from_ref(one),
    };
    kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
}

fn text(schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!("7f1d2a52-3c70-4f0a-9d0e-5b8f0c3e2a11"),
        Some("date-time") => json!("2026-11-21T03:04:05.678Z"),
        Some("date") => json!("2026-11-21"),
        _ => json!("text"),
    }
}
