//! Long work: what runs now, how far it is, and how it is stopped.
//!
//! A piece of work takes a [`Task`], tells its steps, and asks [`Task::checkpoint`] between small
//! chunks. A wish to pause or cancel is answered at the next checkpoint, so a chunk is what a person
//! waits for: keep chunks far below a hundred milliseconds. Cancelling makes the checkpoint an error
//! the work returns by `?`; what it began it takes back, or says that it stays. Pausing holds the work
//! at the checkpoint with everything it has, so a piece of work never holds a database transaction or
//! a lock over a checkpoint. Only who began it, or an administrator, may stop it.
//!
//! The registry lives with the process. What must outlast it is kept by the work itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use zf_domain::{Role, Timestamp, UserId};

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::wire::{AppEvent, Nothing, TaskList, TaskRef, TaskState, TaskView};

/// Windows are told at most so often; a change of step or state is told at once.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// How long a call to pause or cancel waits for the work to answer before it says how things stand.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Ended work that is still listed.
const ENDED_MAX: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Go,
    Pause,
    Stop,
}

/// What a piece of work is, from its first moment.
#[derive(Debug, Clone)]
pub(crate) struct TaskSpec {
    /// Names this piece of work; a new one of the same id takes the place of an ended one.
    pub(crate) id: String,
    /// Its kind, e.g. `bill_fetch`; the console words it.
    pub(crate) kind: &'static str,
    /// What it works on: a date, a file's name. No personal data: every window sees it.
    pub(crate) subject: String,
    /// Whether it may be paused.
    pub(crate) pause: bool,
    /// Whether it may be cancelled.
    pub(crate) cancel: bool,
}

/// The registry of a process.
#[derive(Default)]
pub(crate) struct Tasks {
    all: Mutex<Vec<Arc<Shared>>>,
}

struct Shared {
    spec: TaskSpec,
    owner: Option<UserId>,
    owner_name: String,
    started_at: Timestamp,
    wish: watch::Sender<Wish>,
    state: watch::Sender<TaskState>,
    moving: Mutex<Moving>,
}

struct Moving {
    label: String,
    done: u64,
    total: Option<u64>,
    pause: bool,
    cancel: bool,
    /// Time worked before the last pause.
    worked: Duration,
    /// Since when it works; `None` while it is paused or ended.
    since: Option<Instant>,
    told: Option<Instant>,
    error: Option<AppError>,
    ended_at: Option<Timestamp>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn view(&self) -> TaskView {
        let state = *self.state.borrow();
        let moving = locked(&self.moving);
        let worked = moving.worked + moving.since.map_or(Duration::ZERO, |s| s.elapsed());
        let ended = matches!(
            state,
            TaskState::Cancelled | TaskState::Done | TaskState::Failed
        );
        TaskView {
            task_id: self.spec.id.clone(),
            kind: self.spec.kind.to_owned(),
            subject: self.spec.subject.clone(),
            label: moving.label.clone(),
            done: moving.done,
            total: moving.total,
            finished: ended,
            state,
            can_pause: moving.pause && !ended,
            can_cancel: moving.cancel && !ended,
            stopping: !ended && *self.wish.borrow() == Wish::Stop,
            started_at: self.started_at,
            started_by: self.owner_name.clone(),
            owner_id: self.owner,
            worked_millis: u64::try_from(worked.as_millis()).unwrap_or(u64::MAX),
            ended_at: moving.ended_at,
            error: moving.error.as_ref().map(AppError::view),
        }
    }

    fn ended(&self) -> bool {
        locked(&self.moving).ended_at.is_some()
    }
}

impl Tasks {
    /// Whether a piece of work of this id is under way.
    pub(crate) fn is_running(&self, id: &str) -> bool {
        self.find(id).is_some_and(|t| !t.ended())
    }

    /// Asks a piece of work to stop, in the name of the larger work it is part of.
    pub(crate) fn stop(&self, id: &str) {
        if let Some(shared) = self.find(id)
            && locked(&shared.moving).cancel
        {
            shared.wish.send_replace(Wish::Stop);
        }
    }

    fn find(&self, id: &str) -> Option<Arc<Shared>> {
        locked(&self.all).iter().find(|t| t.spec.id == id).cloned()
    }

    fn add(&self, shared: Arc<Shared>) {
        let mut all = locked(&self.all);
        all.retain(|t| t.spec.id != shared.spec.id);
        let ended = all.iter().filter(|t| t.ended()).count();
        if ended >= ENDED_MAX
            && let Some(oldest) = all.iter().position(|t| t.ended())
        {
            all.remove(oldest);
        }
        all.push(shared);
    }
}

/// The handle of a piece of work. Dropped without an end it counts as failed.
pub(crate) struct Task {
    app: App,
    shared: Arc<Shared>,
}

impl Task {
    /// Enters a piece of work, in the name of who asks.
    pub(crate) fn begin(ctx: &Ctx, spec: TaskSpec) -> Self {
        let shared = Arc::new(Shared {
            owner: ctx.person.as_ref().map(|p| p.user_id),
            owner_name: ctx.actor_name(),
            started_at: ctx.now,
            wish: watch::Sender::new(Wish::Go),
            state: watch::Sender::new(TaskState::Running),
            moving: Mutex::new(Moving {
                label: "starting".to_owned(),
                done: 0,
                total: None,
                pause: spec.pause,
                cancel: spec.cancel,
                worked: Duration::ZERO,
                since: Some(Instant::now()),
                told: None,
                error: None,
                ended_at: None,
            }),
            spec,
        });
        ctx.app.tasks().add(shared.clone());
        let task = Self {
            app: ctx.app.clone(),
            shared,
        };
        task.tell();
        task
    }

    fn tell(&self) {
        locked(&self.shared.moving).told = Some(Instant::now());
        self.app
            .emit(AppEvent::Progress(Box::new(self.shared.view())));
    }

    /// Says how far it is. `label` is the stable name of the present step.
    pub(crate) fn step(&self, label: &str, done: u64, total: Option<u64>) {
        let due = {
            let mut moving = locked(&self.shared.moving);
            let news = moving.label != label || moving.total != total;
            if moving.label != label {
                label.clone_into(&mut moving.label);
            }
            moving.done = done;
            moving.total = total;
            news || moving.told.is_none_or(|t| t.elapsed() >= TELL_EVERY)
        };
        if due {
            self.tell();
        }
    }

    /// From here on it cannot be cancelled: it would leave something half done.
    pub(crate) fn past_cancelling(&self) {
        {
            let mut moving = locked(&self.shared.moving);
            moving.cancel = false;
            moving.pause = false;
        }
        self.tell();
    }

    /// The place where a wish to pause or cancel is answered. Waits while paused.
    ///
    /// # Errors
    /// `TaskCancelled` when somebody cancelled it.
    pub(crate) async fn checkpoint(&self) -> Result<(), AppError> {
        let mut wish = self.shared.wish.subscribe();
        if *wish.borrow_and_update() == Wish::Pause {
            self.rest(TaskState::Paused);
            // The sender lives in `shared`, which this handle holds.
            let _ = wish.wait_for(|w| *w != Wish::Pause).await;
            self.rest(TaskState::Running);
        }
        if *self.shared.wish.borrow() == Wish::Stop {
            return Err(AppError::new(Code::TaskCancelled).with("name", &self.shared.spec.subject));
        }
        Ok(())
    }

    /// The last part begins, which takes everything it has: it can be cancelled, not paused.
    pub(crate) fn finishing(&self, done: u64) {
        {
            let mut moving = locked(&self.shared.moving);
            "finishing".clone_into(&mut moving.label);
            moving.done = done;
            moving.pause = false;
        }
        self.tell();
    }

    /// What work on another thread asks whether to go on.
    pub(crate) fn stopper(&self) -> Stopper {
        Stopper {
            wish: self.shared.wish.subscribe(),
            subject: self.shared.spec.subject.clone(),
        }
    }

    /// Does something that can be dropped at any moment, until it ends or the work is cancelled.
    ///
    /// # Errors
    /// `TaskCancelled`; what was done by then is dropped.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, AppError> {
        let mut wish = self.shared.wish.subscribe();
        tokio::select! {
            done = work => Ok(done),
            _ = wish.wait_for(|w| *w == Wish::Stop) => {
                Err(AppError::new(Code::TaskCancelled).with("name", &self.shared.spec.subject))
            }
        }
    }

    fn rest(&self, state: TaskState) {
        {
            let mut moving = locked(&self.shared.moving);
            match state {
                TaskState::Running => moving.since = Some(Instant::now()),
                _ => {
                    if let Some(since) = moving.since.take() {
                        moving.worked += since.elapsed();
                    }
                }
            }
        }
        self.shared.state.send_replace(state);
        self.tell();
    }

    /// Ends it with what became of it.
    pub(crate) fn end<T>(self, result: &Result<T, AppError>) {
        match result {
            Ok(_) => self.conclude(TaskState::Done, None),
            Err(error) if error.code == Code::TaskCancelled => {
                self.conclude(TaskState::Cancelled, None);
            }
            Err(error) => self.conclude(TaskState::Failed, Some(error.clone())),
        }
    }

    fn conclude(&self, state: TaskState, error: Option<AppError>) {
        {
            use zf_domain::Clock as _;
            let mut moving = locked(&self.shared.moving);
            if let Some(since) = moving.since.take() {
                moving.worked += since.elapsed();
            }
            moving.ended_at = Some(self.app.clock().now());
            moving.error = error;
        }
        self.shared.state.send_replace(state);
        self.tell();
    }
}

/// Tells work on another thread that somebody cancelled.
#[derive(Clone)]
pub(crate) struct Stopper {
    wish: watch::Receiver<Wish>,
    subject: String,
}

impl Stopper {
    /// # Errors
    /// `TaskCancelled`.
    pub(crate) fn check(&self) -> Result<(), AppError> {
        if *self.wish.borrow() == Wish::Stop {
            return Err(AppError::new(Code::TaskCancelled).with("name", &self.subject));
        }
        Ok(())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.shared.ended() {
            self.conclude(
                TaskState::Failed,
                Some(AppError::internal("the work broke off")),
            );
        }
    }
}

pub(crate) async fn list(ctx: &Ctx, _: Nothing) -> Result<TaskList, AppError> {
    let all = locked(&ctx.app.tasks().all).clone();
    Ok(TaskList {
        tasks: all.iter().rev().map(|t| t.view()).collect(),
    })
}

/// The work this person may stop.
fn own(ctx: &Ctx, id: &str) -> Result<Arc<Shared>, AppError> {
    let person = ctx.person()?;
    let shared = ctx
        .app
        .tasks()
        .find(id)
        .ok_or_else(|| AppError::not_found("task", id))?;
    if shared.ended() {
        return Err(AppError::new(Code::TaskEnded).with("name", &shared.spec.subject));
    }
    if shared.owner != Some(person.user_id) && person.role != Role::Administrator {
        return Err(AppError::new(Code::TaskNotYours)
            .with("name", &shared.spec.subject)
            .with("person", &shared.owner_name));
    }
    Ok(shared)
}

async fn wish(
    ctx: &Ctx,
    id: &str,
    wanted: Wish,
    reached: fn(TaskState) -> bool,
) -> Result<TaskView, AppError> {
    let shared = own(ctx, id)?;
    {
        let moving = locked(&shared.moving);
        let possible = match wanted {
            Wish::Stop => moving.cancel,
            Wish::Pause | Wish::Go => moving.pause,
        };
        if !possible {
            return Err(AppError::new(Code::TaskUnstoppable).with("name", &shared.spec.subject));
        }
    }
    shared.wish.send_if_modified(|now| {
        // A cancelled piece of work is never called back.
        let changes = *now != Wish::Stop && *now != wanted;
        if changes {
            *now = wanted;
        }
        changes
    });
    let mut state = shared.state.subscribe();
    let _ = tokio::time::timeout(
        ANSWER_MAX,
        state.wait_for(|s| reached(*s) || !matches!(s, TaskState::Running | TaskState::Paused)),
    )
    .await;
    Ok(shared.view())
}

pub(crate) async fn pause(ctx: &Ctx, params: TaskRef) -> Result<TaskView, AppError> {
    wish(ctx, &params.task_id, Wish::Pause, |s| {
        s == TaskState::Paused
    })
    .await
}

pub(crate) async fn resume(ctx: &Ctx, params: TaskRef) -> Result<TaskView, AppError> {
    wish(ctx, &params.task_id, Wish::Go, |s| s == TaskState::Running).await
}

pub(crate) async fn cancel(ctx: &Ctx, params: TaskRef) -> Result<TaskView, AppError> {
    wish(ctx, &params.task_id, Wish::Stop, |_| false).await
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};

    use zf_crypto::secret::Secret;

    use super::*;
    use crate::app::AppOptions;
    use crate::vault::SecretStore;

    struct NoKeychain;
    impl SecretStore for NoKeychain {
        fn load(&self, _home: &Path) -> Option<Secret<String>> {
            None
        }
        fn save(&self, _home: &Path, _passphrase: &Secret<String>) -> bool {
            false
        }
    }

    /// Work in a thousand chunks that says how many it did.
    async fn working() -> (tempfile::TempDir, Ctx, Arc<AtomicU64>) {
        let dir = tempfile::tempdir().unwrap();
        let app = App::open(AppOptions {
            home: dir.path().join("home"),
            database: None,
            secrets: Arc::new(NoKeychain),
            sandbox: None,
        })
        .await
        .unwrap();
        let mut ctx = Ctx::timer(&app);
        ctx.person = Some(crate::wire::Person {
            user_id: UserId::new(),
            login: "clerk".to_owned(),
            display_name: "clerk".to_owned(),
            role: Role::Clerk,
        });
        let task = Task::begin(
            &ctx,
            TaskSpec {
                id: "t".to_owned(),
                kind: "test",
                subject: "t".to_owned(),
                pause: true,
                cancel: true,
            },
        );
        let chunks = Arc::new(AtomicU64::new(0));
        let counted = chunks.clone();
        tokio::spawn(async move {
            let work = async {
                for n in 1..=1_000 {
                    task.checkpoint().await?;
                    counted.fetch_add(1, Ordering::SeqCst);
                    task.step("working", n, Some(1_000));
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                Ok::<(), AppError>(())
            };
            let done = work.await;
            task.end(&done);
        });
        (dir, ctx, chunks)
    }

    fn the_task() -> TaskRef {
        TaskRef {
            task_id: "t".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_cancel_lets_at_most_the_chunk_under_way_end() {
        let (_dir, ctx, chunks) = working().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let before = chunks.load(Ordering::SeqCst);
        let view = cancel(&ctx, the_task()).await.unwrap();
        assert_eq!(view.state, TaskState::Cancelled);
        assert!(view.finished);
        let after = chunks.load(Ordering::SeqCst);
        assert!(after <= before + 1, "{before} chunks, then {after}");
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(chunks.load(Ordering::SeqCst), after);
        let again = cancel(&ctx, the_task()).await.unwrap_err();
        assert_eq!(again.code, Code::TaskEnded);
    }

    #[tokio::test]
    async fn paused_work_rests_goes_on_and_can_be_cancelled_at_rest() {
        let (_dir, ctx, chunks) = working().await;
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(
            pause(&ctx, the_task()).await.unwrap().state,
            TaskState::Paused
        );
        let rested = chunks.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(chunks.load(Ordering::SeqCst), rested);
        assert_eq!(
            resume(&ctx, the_task()).await.unwrap().state,
            TaskState::Running
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(chunks.load(Ordering::SeqCst) > rested);
        pause(&ctx, the_task()).await.unwrap();
        assert_eq!(
            cancel(&ctx, the_task()).await.unwrap().state,
            TaskState::Cancelled
        );
    }

    #[tokio::test]
    async fn only_who_began_it_or_an_administrator_stops_it() {
        let (_dir, ctx, _) = working().await;
        let mut other = ctx.detached();
        if let Some(person) = &mut other.person {
            person.user_id = UserId::new();
        }
        assert_eq!(
            cancel(&other, the_task()).await.unwrap_err().code,
            Code::TaskNotYours
        );
        if let Some(person) = &mut other.person {
            person.role = Role::Administrator;
        }
        assert!(cancel(&other, the_task()).await.unwrap().finished);
    }

    #[tokio::test]
    async fn work_that_breaks_off_has_failed() {
        let (_dir, ctx, _) = working().await;
        let spec = TaskSpec {
            id: "lost".to_owned(),
            kind: "test",
            subject: String::new(),
            pause: false,
            cancel: false,
        };
        drop(Task::begin(&ctx, spec));
        let listed = list(&ctx, Nothing {}).await.unwrap();
        assert_eq!(listed.tasks[0].state, TaskState::Failed);
        assert!(listed.tasks[0].error.is_some());
    }
}
