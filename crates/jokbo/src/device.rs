//! The device that `--device` names, found before anything is read.

use anyhow::Context as _;
use jokbo_audit::Device;

use crate::args::On;

/// The device that was asked for, and never another in its place.
pub(crate) fn open(on: On) -> anyhow::Result<Device> {
    match on {
        On::Cpu => Ok(Device::default()),
        On::Cuda => jokbo_cuda::open().context("--device cuda cannot be used"),
    }
}
