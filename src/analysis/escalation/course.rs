//! The decisions that were taken, beside what the rule said of the same counts.

use crate::data::{DecisionLog, LoggedAction, LoggedCohort};

use super::design::{Cohort, CountDesign, Decision, DoseLevel, Next, State, Tally, record_cohort};
use super::levels::{EscalationLevel, LevelCounts};
use super::trial_design::TrialDesign;

/// The escalation as it went.
#[derive(Debug, Clone)]
pub struct Course {
    /// The log.
    pub log: DecisionLog,
    /// One step per cohort of the log at a level of the escalation, in order.
    pub steps: Vec<CourseStep>,
    /// Cohorts of the log whose dosage is not a level of the escalation.
    pub elsewhere: Vec<String>,
    /// Levels at which the totals of the log differ from the data, with both.
    pub disagreeing: Vec<Disagreement>,
}

/// Counts of the log that are not those of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Label of the level.
    pub label: String,
    /// Last total of the log.
    pub logged: Tally,
    /// Count of the data.
    pub counted: Tally,
}

/// One decision.
#[derive(Debug, Clone)]
pub struct CourseStep {
    /// The row of the log.
    pub logged: LoggedCohort,
    /// The level.
    pub level: DoseLevel,
    /// What the rule says of the counts, and the state it was asked with; `None` where it cannot be asked.
    pub rule: Option<(Next, State)>,
    /// Where the next cohort of the log was treated.
    pub followed_by: Option<DoseLevel>,
    /// Whether the decision, and what was done, are those of the rule.
    pub agreement: Agreement,
}

/// How a decision stands to the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// There is no rule that could be asked.
    NotAssessed,
    /// The decision is that of the rule.
    Follows,
    /// It is not, and the log says why.
    Overridden(Departure),
    /// It is not, and the log gives no reason.
    Contradicts(Departure),
}

/// In which respect a decision departs from the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// The rule goes elsewhere.
    Direction,
    /// The rule stops, the decision goes on.
    WentOn,
    /// The decision stops, the rule goes on.
    Stopped,
    /// The decision is that of the rule, but the next cohort was treated at another level than the rule names.
    NotCarriedOut,
}

impl Agreement {
    /// The departure, where there is one.
    #[must_use]
    pub fn departure(self) -> Option<Departure> {
        match self {
            Self::NotAssessed | Self::Follows => None,
            Self::Overridden(departure) | Self::Contradicts(departure) => Some(departure),
        }
    }
}

impl Course {
    /// The steps at which nobody can say why the rule was not followed.
    pub fn contradictions(&self) -> impl Iterator<Item = &CourseStep> {
        self.steps.iter().filter(|step| matches!(step.agreement, Agreement::Contradicts(_)))
    }

    /// The steps at which the rule was set aside with a reason.
    pub fn overrides(&self) -> impl Iterator<Item = &CourseStep> {
        self.steps.iter().filter(|step| matches!(step.agreement, Agreement::Overridden(_)))
    }
}

/// Follows the log cohort by cohort and asks the rule each time.
pub(super) fn follow(log: &DecisionLog, levels: &[EscalationLevel], design: Option<&TrialDesign>, counts: Option<&LevelCounts>) -> Course {
    let rule = design.and_then(TrialDesign::complete);
    let level_of = |cohort: &LoggedCohort| levels.iter().position(|level| level.dosage.0 == cohort.dosage).map(DoseLevel);
    let placed: Vec<(DoseLevel, &LoggedCohort)> = log.cohorts.iter().filter_map(|cohort| Some((level_of(cohort)?, cohort))).collect();
    let elsewhere = log.cohorts.iter().filter(|cohort| level_of(cohort).is_none()).map(|cohort| cohort.cohort.clone()).collect();
    let mut state = placed.first().and_then(|(start, _)| State::start(levels.len(), *start).ok());
    let mut steps = Vec::new();
    for (position, (level, cohort)) in placed.iter().enumerate() {
        let followed_by = placed.get(position + 1).map(|(level, _)| *level);
        let said = rule.zip(state.as_mut()).map(|(rule, state)| ask(rule, state, *level, cohort));
        let agreement = said.map_or(Agreement::NotAssessed, |next| judge(&next, *level, cohort, followed_by));
        let rule = said.zip(state.clone());
        steps.push(CourseStep { logged: (*cohort).clone(), level: *level, rule, followed_by, agreement });
    }
    Course { log: log.clone(), disagreeing: disagreeing(&steps, levels, counts), steps, elsewhere }
}

/// Records the cohort as the log counts it and asks what follows.
fn ask(rule: &dyn CountDesign, state: &mut State, level: DoseLevel, cohort: &LoggedCohort) -> Next {
    let own = Tally { n: cohort.own.n, dlt: cohort.own.dlt };
    record_cohort(rule, state, Cohort { dose: level, tally: own });
    rule.next(state)
}

fn judge(rule: &Next, level: DoseLevel, cohort: &LoggedCohort, followed_by: Option<DoseLevel>) -> Agreement {
    let departure = departure(rule, level, cohort, followed_by);
    let explained = cohort.reason.is_some();
    match departure {
        None => Agreement::Follows,
        Some(departure) if explained => Agreement::Overridden(departure),
        Some(departure) => Agreement::Contradicts(departure),
    }
}

fn departure(rule: &Next, level: DoseLevel, cohort: &LoggedCohort, followed_by: Option<DoseLevel>) -> Option<Departure> {
    let decision = &cohort.decision;
    let ends = decision.stops || (decision.action.is_none() && followed_by.is_none());
    match (rule.dose, ends) {
        (None, true) => return None,
        (None, false) => return Some(Departure::WentOn),
        (Some(_), true) => return Some(Departure::Stopped),
        (Some(_), false) => {}
    }
    let wanted = direction(rule.dose.unwrap_or(level), level);
    let decided = decision.action.map(|action| match action {
        LoggedAction::Escalate => Decision::Escalate,
        LoggedAction::Stay => Decision::Stay,
        LoggedAction::DeEscalate | LoggedAction::Eliminate => Decision::DeEscalate,
    });
    if decided.is_some_and(|decided| decided != wanted) {
        return Some(Departure::Direction);
    }
    followed_by.filter(|next| Some(*next) != rule.dose).map(|_| Departure::NotCarriedOut)
}

fn direction(to: DoseLevel, from: DoseLevel) -> Decision {
    match to.cmp(&from) {
        std::cmp::Ordering::Greater => Decision::Escalate,
        std::cmp::Ordering::Equal => Decision::Stay,
        std::cmp::Ordering::Less => Decision::DeEscalate,
    }
}

/// The levels at which the last total of the log is not the count of the data.
fn disagreeing(steps: &[CourseStep], levels: &[EscalationLevel], counts: Option<&LevelCounts>) -> Vec<Disagreement> {
    let Some(counts) = counts else { return Vec::new() };
    let last = |level: usize| steps.iter().rev().find(|step| step.level.0 == level).map(|step| step.logged.total);
    let compare = |(index, level): (usize, &EscalationLevel)| {
        // A level without a cohort in the log has no patients there, whatever the data hold.
        let logged = last(index).map_or(Tally::default(), |total| Tally { n: total.n, dlt: total.dlt });
        let counted = counts.cohorts.get(index).copied()?;
        (logged != counted).then(|| Disagreement { label: level.label.clone(), logged, counted })
    };
    levels.iter().enumerate().filter_map(compare).collect()
}
