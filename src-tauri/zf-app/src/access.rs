//! The access review: who can do what, who does, and what of it a careful house would change. All of
//! it from what is stored.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use zf_crypto::password;
use zf_crypto::secret::Secret;
use zf_domain::{Permission, Role, Timestamp, UserId};
use zf_store::access::{self as store, AccessRow};

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire::{
    AccessFinding, AccessPair, AccessPerson, AccessReview, FindingKind, Nothing, Severity,
};
use crate::{orders, session, settings, setup};

const DAY_MILLIS: i64 = 86_400_000;
/// How far back it looks.
const DAYS: u32 = 90;
/// Not signed in for this long is dormant.
const DORMANT_DAYS: i64 = 30;
/// Newer accounts are not yet called dormant or unused.
const NEW_DAYS: i64 = 7;
/// From how many approvals a pair is worth a word …
const PAIR_LEAST: i64 = 5;
/// … when this share of one person's requests went through one checker, in percent.
const PAIR_PERCENT: i64 = 90;
/// Wrong passwords in the time looked at that are worth a word.
const FAILED_LEAST: i64 = 5;

const EVERY_KIND: [FindingKind; 11] = [
    FindingKind::DefaultPassword,
    FindingKind::NoChecker,
    FindingKind::TooFewCheckers,
    FindingKind::AskedAndApproved,
    FindingKind::AdministratorApproved,
    FindingKind::FixedPair,
    FindingKind::FailedSignIns,
    FindingKind::SingleChecker,
    FindingKind::SingleAdministrator,
    FindingKind::Dormant,
    FindingKind::NeverSignedIn,
];

pub(crate) async fn review(ctx: &Ctx, _: Nothing) -> Result<AccessReview, AppError> {
    let since = ctx.now.plus_millis(-i64::from(DAYS) * DAY_MILLIS);
    let mut conn = orders::reader(&ctx.app).await?;
    let people = store::people(&mut conn, since, ctx.now).await?;
    let pairs = store::pairs(&mut conn, since).await?;
    let needed = settings::standing(&mut conn)
        .await?
        .refund
        .bands
        .iter()
        .map(|b| b.checkers)
        .max()
        .unwrap_or(1);
    drop(conn);
    let known = known_passwords(&people).await?;
    let findings = judge(&people, &pairs, &known, needed, ctx.now);
    let names: HashMap<UserId, &str> = people
        .iter()
        .map(|p| (p.user_id, p.display_name.as_str()))
        .collect();
    let of_maker = |maker: UserId| -> i64 {
        pairs
            .iter()
            .filter(|(m, _, _)| *m == maker)
            .map(|(_, _, n)| n)
            .sum()
    };
    Ok(AccessReview {
        at: ctx.now,
        since,
        days: DAYS,
        passed: EVERY_KIND
            .into_iter()
            .filter(|kind| findings.iter().all(|f| f.kind != *kind))
            .collect(),
        pairs: pairs
            .iter()
            .map(|(maker, checker, n)| AccessPair {
                maker: names.get(maker).copied().unwrap_or("—").to_owned(),
                checker: names.get(checker).copied().unwrap_or("—").to_owned(),
                approved: count(*n),
                of_maker: count(of_maker(*maker)),
            })
            .collect(),
        findings,
        people: people.into_iter().map(|p| person(p, ctx.now)).collect(),
    })
}

fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.millis() - from.millis()).max(0) / DAY_MILLIS
}

fn person(row: AccessRow, now: Timestamp) -> AccessPerson {
    AccessPerson {
        user_id: row.user_id,
        login: row.login,
        display_name: row.display_name,
        role: row.role,
        rights: session::ALL_PERMISSIONS
            .into_iter()
            .filter(|p| row.role.may(*p))
            .collect::<Vec<Permission>>(),
        disabled: row.disabled_at.is_some(),
        locked_until: row.locked_until.filter(|until| *until > now),
        created_at: row.created_at,
        last_sign_in: row.last_sign_in,
        dormant_days: row.last_sign_in.map(|at| count(days_between(at, now))),
        live_sessions: count(row.live_sessions),
        failed_sign_ins: count(row.failed_sign_ins),
        requested: count(row.requested),
        approved: count(row.approved),
        rejected: count(row.rejected),
    }
}

/// Every finding, worst first. Pure: the rows say everything.
fn judge(
    people: &[AccessRow],
    pairs: &[(UserId, UserId, i64)],
    known: &[UserId],
    needed: u32,
    now: Timestamp,
) -> Vec<AccessFinding> {
    let mut found = Vec::new();
    let mut add = |kind, severity, of: &[&AccessRow], n: i64, limit: i64| {
        found.push(AccessFinding {
            kind,
            severity,
            people: of.iter().map(|p| p.display_name.clone()).collect(),
            n: count(n),
            limit: count(limit),
        });
    };
    let active: Vec<&AccessRow> = people.iter().filter(|p| p.disabled_at.is_none()).collect();
    let of_role = |role: Role| -> Vec<&AccessRow> {
        active.iter().copied().filter(|p| p.role == role).collect()
    };
    let by_id = |id: UserId| people.iter().find(|p| p.user_id == id);

    let weak: Vec<&AccessRow> = active
        .iter()
        .copied()
        .filter(|p| known.contains(&p.user_id))
        .collect();
    if !weak.is_empty() {
        let n = i64::try_from(weak.len()).unwrap_or(i64::MAX);
        add(FindingKind::DefaultPassword, Severity::High, &weak, n, 0);
    }
    let checkers = of_role(Role::Approver);
    let have = i64::try_from(checkers.len()).unwrap_or(i64::MAX);
    match have {
        0 => add(FindingKind::NoChecker, Severity::High, &[], 0, 1),
        n if n < i64::from(needed) => add(
            FindingKind::TooFewCheckers,
            Severity::High,
            &checkers,
            n,
            i64::from(needed),
        ),
        1 => add(
            FindingKind::SingleChecker,
            Severity::Medium,
            &checkers,
            1,
            2,
        ),
        _ => {}
    }
    for p in people.iter().filter(|p| p.requested > 0 && p.approved > 0) {
        add(
            FindingKind::AskedAndApproved,
            Severity::High,
            &[p],
            p.requested,
            p.approved,
        );
    }
    for p in people
        .iter()
        .filter(|p| p.role == Role::Administrator && p.approved + p.rejected > 0)
    {
        add(
            FindingKind::AdministratorApproved,
            Severity::High,
            &[p],
            p.approved + p.rejected,
            0,
        );
    }
    for (maker, checker, n) in pairs {
        let all: i64 = pairs
            .iter()
            .filter(|(m, _, _)| m == maker)
            .map(|(_, _, n)| n)
            .sum();
        let fixed = *n >= PAIR_LEAST && n * 100 >= all * PAIR_PERCENT && have > 1;
        if let (true, Some(maker), Some(checker)) = (fixed, by_id(*maker), by_id(*checker)) {
            add(
                FindingKind::FixedPair,
                Severity::Medium,
                &[maker, checker],
                *n,
                all,
            );
        }
    }
    for p in active.iter().filter(|p| p.failed_sign_ins >= FAILED_LEAST) {
        add(
            FindingKind::FailedSignIns,
            Severity::Medium,
            &[p],
            p.failed_sign_ins,
            FAILED_LEAST,
        );
    }
    let administrators = of_role(Role::Administrator);
    if administrators.len() == 1 {
        add(
            FindingKind::SingleAdministrator,
            Severity::Low,
            &administrators,
            1,
            2,
        );
    }
    for p in &active {
        match p.last_sign_in.map(|at| days_between(at, now)) {
            Some(days) if days > DORMANT_DAYS => {
                add(
                    FindingKind::Dormant,
                    Severity::Medium,
                    &[p],
                    days,
                    DORMANT_DAYS,
                );
            }
            None if days_between(p.created_at, now) > NEW_DAYS => add(
                FindingKind::NeverSignedIn,
                Severity::Low,
                &[p],
                days_between(p.created_at, now),
                NEW_DAYS,
            ),
            _ => {}
        }
    }
    found.sort_by_key(|f| match f.severity {
        Severity::High => 0,
        Severity::Medium => 1,
        Severity::Low => 2,
    });
    found
}

/// Who still has a password everybody knows: the demo's, or their own login. One try is slow by
/// design, so verdicts are kept by hash as long as the program runs.
async fn known_passwords(people: &[AccessRow]) -> Result<Vec<UserId>, AppError> {
    static VERDICTS: OnceLock<Mutex<HashMap<String, bool>>> = OnceLock::new();
    let verdicts = VERDICTS.get_or_init(Mutex::default);
    let asked: Vec<(UserId, String, String)> = people
        .iter()
        .filter(|p| p.disabled_at.is_none())
        .map(|p| (p.user_id, p.login.clone(), p.password_hash.clone()))
        .collect();
    let tried = tokio::task::spawn_blocking(move || {
        asked
            .into_iter()
            .filter(|(_, login, hash)| {
                let kept = verdicts.lock().ok().and_then(|v| v.get(hash).copied());
                kept.unwrap_or_else(|| {
                    let known = [setup::DEMO_PASSWORD, login.as_str()]
                        .into_iter()
                        .any(|p| password::verify(&Secret::new(p.to_owned()), hash));
                    if let Ok(mut verdicts) = verdicts.lock() {
                        verdicts.insert(hash.clone(), known);
                    }
                    known
                })
            })
            .map(|(id, _, _)| id)
            .collect()
    });
    tried.await.map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 200 * DAY_MILLIS;

    fn row(name: &str, role: Role) -> AccessRow {
        AccessRow {
            user_id: UserId::new(),
            login: name.to_owned(),
            display_name: name.to_owned(),
            role,
            password_hash: String::new(),
            created_at: Timestamp::from_millis(0),
            disabled_at: None,
            locked_until: None,
            last_sign_in: Some(Timestamp::from_millis(NOW)),
            live_sessions: 0,
            failed_sign_ins: 0,
            requested: 0,
            approved: 0,
            rejected: 0,
        }
    }

    fn kinds(
        people: &[AccessRow],
        pairs: &[(UserId, UserId, i64)],
        needed: u32,
    ) -> Vec<FindingKind> {
        judge(people, pairs, &[], needed, Timestamp::from_millis(NOW))
            .into_iter()
            .map(|f| f.kind)
            .collect()
    }

    fn healthy() -> Vec<AccessRow> {
        vec![
            row("clerk", Role::Clerk),
            row("one", Role::Approver),
            row("two", Role::Approver),
            row("admin", Role::Administrator),
            row("second admin", Role::Administrator),
        ]
    }

    #[test]
    fn a_healthy_desk_has_no_finding_and_each_fault_is_named() {
        assert_eq!(kinds(&healthy(), &[], 2), []);
        assert_eq!(kinds(&healthy(), &[], 3), [FindingKind::TooFewCheckers]);
        let mut people = healthy();
        people[1].disabled_at = Some(Timestamp::from_millis(1));
        assert_eq!(kinds(&people, &[], 1), [FindingKind::SingleChecker]);
        people[2].disabled_at = Some(Timestamp::from_millis(1));
        assert_eq!(kinds(&people, &[], 1), [FindingKind::NoChecker]);

        let mut people = healthy();
        people[0].requested = 2;
        people[0].approved = 1;
        people[3].rejected = 1;
        people[1].last_sign_in = Some(Timestamp::from_millis(NOW - 31 * DAY_MILLIS));
        people[2].last_sign_in = None;
        people[4].failed_sign_ins = 5;
        assert_eq!(
            kinds(&people, &[], 2),
            [
                FindingKind::AskedAndApproved,
                FindingKind::AdministratorApproved,
                FindingKind::FailedSignIns,
                FindingKind::Dormant,
                FindingKind::NeverSignedIn,
            ]
        );
    }

    #[test]
    fn a_pair_counts_only_when_it_could_have_been_another() {
        let people = healthy();
        let (maker, one, two) = (people[0].user_id, people[1].user_id, people[2].user_id);
        assert_eq!(
            kinds(&people, &[(maker, one, 9), (maker, two, 1)], 2),
            [FindingKind::FixedPair]
        );
        assert_eq!(kinds(&people, &[(maker, one, 8), (maker, two, 2)], 2), []);
        assert_eq!(kinds(&people, &[(maker, one, 4)], 2), []);
    }
}
