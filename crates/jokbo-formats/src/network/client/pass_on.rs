//! Requests that somebody else has made and signed.

use object_store::client::{HttpRequest, HttpResponse};
use ureq::http::{Method, Request, Response};

use super::{Answer, Client};
use crate::network::{Fault, fetch};
use crate::source::Address;

impl Client {
    /// Passes on a request that is signed already, once; its answer has at most `limit` bytes.
    /// What may pass is a fault; every other status is for who asked.
    pub(in crate::network) fn pass_on(
        &self,
        at: &Address,
        request: &HttpRequest,
        limit: usize,
    ) -> Result<HttpResponse, Fault> {
        let permit = self.permits.take();
        let agent = if at.is_loopback() { &self.direct } else { &self.agent };
        let (head, body) = request.clone().into_parts();
        let method = head.method.clone();
        let bytes = body.as_bytes().map_or(Vec::new(), |bytes| bytes.to_vec());
        let request = Request::from_parts(head, bytes);
        let answer = match method {
            Method::GET | Method::HEAD | Method::DELETE => agent.run(request.map(|_| ())),
            _ => agent.run(request),
        };
        let (head, body) = answer.map_err(|error| self.fault(at, &error))?.into_parts();
        let (status, headers) = (head.status.as_u16(), head.headers.clone());
        let mut answer = Answer { at: at.clone(), status, headers, body, _permit: permit };
        let fault = fetch::refusal(&answer, status);
        if fault.passes() || matches!(fault, Fault::Busy { .. }) {
            return Err(fault);
        }
        // A head announces the length of what it leaves out.
        let bytes = if method == Method::HEAD { Vec::new() } else { answer.all(limit)? };
        Ok(Response::from_parts(head, bytes.into()))
    }
}
