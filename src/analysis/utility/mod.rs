//! Clinical utility: value functions, the index, and how it depends on the weights.

pub mod evaluation;
pub mod index;
pub mod posterior;
pub mod selection_rule;
pub mod sensitivity;
pub mod value_function;
pub mod weight_simplex;
