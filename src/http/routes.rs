//! Routes that can describe themselves: a handler's `#[utoipa::path]` says where it stands, and what it says of itself
//! is only put together when somebody asks for the API's description.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, Route, on};
use std::convert::Infallible;
use tower::{Layer, Service};
use utoipa::__dev::SchemaReferences;
use utoipa::Path;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::{Components, OpenApi, RefOr, Schema};

/// Some handlers, each at the path and method that its `#[utoipa::path]` names.
macro_rules! routes {
    ($($handler:ident),+ $(,)?) => {
        pastey::paste! {
            $crate::http::Routes::default()$(.with::<[<__path_ $handler>], _, _>($handler))+
        }
    };
}
pub(crate) use routes;

/// What a handler says of itself.
struct Told {
    path: String,
    methods: Vec<HttpMethod>,
    operation: Operation,
    schemas: Vec<(String, RefOr<Schema>)>,
}

#[derive(Clone)]
struct Endpoint {
    prefix: &'static str,
    tag: &'static str,
    tell: fn() -> Told,
}

/// A router and how to describe it.
pub(crate) struct Routes<S> {
    router: Router<S>,
    endpoints: Vec<Endpoint>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), endpoints: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Adds `handler` where its description `P` says.
    pub(crate) fn with<P, H, T>(self, handler: H) -> Self
    where
        P: Path + SchemaReferences,
        H: Handler<T, S>,
        T: 'static,
    {
        let method = P::methods().iter().map(filter).reduce(MethodFilter::or);
        let methods = method.map(|method| on(method, handler)).unwrap_or_default();
        let endpoint = Endpoint { prefix: "", tag: "", tell: tell::<P> };
        let router = self.router.route(&P::path(), methods);
        Self { router, endpoints: [self.endpoints, vec![endpoint]].concat() }
    }

    /// Puts them under a feature's name, which also makes their operation ids unique.
    pub(crate) fn tagged(mut self, tag: &'static str) -> Self {
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.tag = tag);
        self
    }

    pub(crate) fn merge(self, other: Self) -> Self {
        let endpoints = [self.endpoints, other.endpoints].concat();
        Self { router: self.router.merge(other.router), endpoints }
    }

    /// All of them under `prefix`; once at most.
    pub(crate) fn under(mut self, prefix: &'static str) -> Self {
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.prefix = prefix);
        Self { router: Router::new().nest(prefix, self.router), ..self }
    }

    pub(crate) fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { router: self.router.layer(layer), ..self }
    }

    pub(crate) fn into_router(self) -> Router<S> {
        self.router
    }

    /// What all of them say of themselves.
    pub(crate) fn describe(&self) -> OpenApi {
        let mut api = OpenApi::default();
        let mut components = Components::new();
        for Endpoint { prefix, tag, tell } in &self.endpoints {
            let Told { path, methods, mut operation, schemas } = tell();
            operation.tags = Some(vec![(*tag).to_owned()]);
            operation.operation_id = operation.operation_id.map(|name| format!("{tag}_{name}"));
            api.paths.add_path_operation(format!("{prefix}{path}"), methods, operation);
            components.schemas.extend(schemas);
        }
        api.components = Some(components);
        api
    }
}

fn tell<P: Path + SchemaReferences>() -> Told {
    let mut schemas = Vec::new();
    P::schemas(&mut schemas);
    Told { path: P::path(), methods: P::methods(), operation: P::operation(), schemas }
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
    }
}
