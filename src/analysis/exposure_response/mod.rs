//! How outcomes depend on dose and exposure.
//!
//! [`dose_response`] holds curves of a continuous outcome, or of estimates per dose with their covariance, and MCP-Mod.

pub mod dose_response;
