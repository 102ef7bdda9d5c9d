//! The species of nonclinical studies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A species with a body-surface factor in the guidance on starting doses `[FDA-MRSD]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Species {
    /// Mouse.
    Mouse,
    /// Hamster.
    Hamster,
    /// Rat.
    Rat,
    /// Ferret.
    Ferret,
    /// Guinea pig.
    GuineaPig,
    /// Rabbit.
    Rabbit,
    /// Dog.
    Dog,
    /// Monkey: cynomolgus, rhesus or stumptail.
    Monkey,
    /// Marmoset.
    Marmoset,
    /// Squirrel monkey.
    SquirrelMonkey,
    /// Baboon.
    Baboon,
    /// Micro-pig.
    MicroPig,
    /// Mini-pig.
    MiniPig,
}

impl Species {
    /// Every species, as the guidance lists them.
    pub const ALL: [Self; 13] = [
        Self::Mouse,
        Self::Hamster,
        Self::Rat,
        Self::Ferret,
        Self::GuineaPig,
        Self::Rabbit,
        Self::Dog,
        Self::Monkey,
        Self::Marmoset,
        Self::SquirrelMonkey,
        Self::Baboon,
        Self::MicroPig,
        Self::MiniPig,
    ];

    /// Name in files.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Mouse => "mouse",
            Self::Hamster => "hamster",
            Self::Rat => "rat",
            Self::Ferret => "ferret",
            Self::GuineaPig => "guinea_pig",
            Self::Rabbit => "rabbit",
            Self::Dog => "dog",
            Self::Monkey => "monkey",
            Self::Marmoset => "marmoset",
            Self::SquirrelMonkey => "squirrel_monkey",
            Self::Baboon => "baboon",
            Self::MicroPig => "micro_pig",
            Self::MiniPig => "mini_pig",
        }
    }

    /// Name in running text.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::GuineaPig => "guinea pig",
            Self::SquirrelMonkey => "squirrel monkey",
            Self::MicroPig => "micro-pig",
            Self::MiniPig => "mini-pig",
            other => other.id(),
        }
    }

    /// The species of a name in a file.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|species| species.id() == id)
    }

    /// Whether it is a rodent, so that severe toxicity is described by the STD10; otherwise by the HNSTD `[ICH-S9]`.
    #[must_use]
    pub fn is_rodent(self) -> bool {
        matches!(self, Self::Mouse | Self::Hamster | Self::Rat | Self::GuineaPig)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_are_those_of_the_schema_and_lead_back() {
        for species in Species::ALL {
            assert_eq!(Species::parse(species.id()), Some(species));
            assert_eq!(serde_json::to_value(species).unwrap(), species.id());
        }
        assert_eq!(Species::parse("cat"), None);
    }
}
