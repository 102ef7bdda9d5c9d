//! Clinical utility on published trials and in a dossier.

use dosecase::analysis::utility::index::flip_weight;
use dosecase::evidence::utility::gather;
use dosecase::evidence::{Content, Facts};

use crate::hand_made::{PROJECT, settings};

/// Worths on straight lines from 0 to 1: benefit, and freedom from harm.
fn worths(benefit: (f64, f64), harm: (f64, f64)) -> [f64; 2] {
    [benefit.0 / benefit.1, 1.0 - harm.0 / harm.1]
}

#[test]
fn preferences_turn_at_the_weights_that_published_counts_give() {
    // CodeBreaK 100 phase 2 part B, Hochmair 2024, Eur J Cancer 208:114204: 960 and 240 mg QD.
    // Study 211, Brose 2022, J Clin Endocrinol Metab 107:776: 24 and 18 mg QD.
    // OPTIC: ponatinib 45 and 15 mg; BCR-ABL of 1% or less at 12 months and arterial occlusive events.
    for (name, high, low, want) in [
        ("sotorasib", worths((34.0, 104.0), (37.0, 104.0)), worths((26.0, 105.0), (20.0, 104.0)), 0.673),
        ("lenvatinib", worths((43.0, 75.0), (46.0, 75.0)), worths((31.0, 77.0), (44.0, 77.0)), 0.197),
        ("ponatinib", worths((41.0, 93.0), (9.0, 94.0)), worths((21.0, 91.0), (3.0, 94.0)), 0.233),
    ] {
        let found = flip_weight(&high, &low, &[0.5, 0.5], 0).unwrap();
        assert!((found - want).abs() <= 0.0005, "{name}: {found}");
        // w > dTox / (dEff + dTox): the closed form for two attributes.
        let (gain, cost) = (high[0] - low[0], low[1] - high[1]);
        assert!((found - cost / (gain + cost)).abs() < 1e-12, "{name}");
    }
}

#[test]
fn without_attributes_every_exhibit_says_what_it_needs() {
    let mut facts = Facts::default();
    let exhibits = gather(&settings(PROJECT), &mut facts);
    let ids: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    assert_eq!(ids, ["T-E22", "T-E23", "F-E14"]);
    assert!(
        exhibits
            .iter()
            .all(|exhibit| matches!(&exhibit.content, Content::Placeholder(held) if !held.reason.is_empty() && !held.needs.is_empty()))
    );
    assert!(facts.is_empty());
}
