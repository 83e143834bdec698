//! The one declared API. Every procedure is named here once: what it takes, what it gives back,
//! who may call it and what it makes out of date. Both doors, the command line, the generated
//! TypeScript client and its cache tags come from this table.

use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zf_domain::Permission;

use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::exports::close_report;
use crate::wire::{self, Tag};
use crate::{
    access, accounts, audit, back_tests, bank, batches, bills, book_ways, books, carry, close,
    compare, desk, evidence, exports, flow, gaps, keys, orders, preferences, receipts, recon,
    recon_rules, refunds, resolutions, search, session, settings, setup, tasks, users, xray,
};

/// Whether a procedure changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads.
    Query,
    /// Changes, and is audited.
    Mutation,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Before signing in.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever holds this right.
    Needs(Permission),
}

/// One declared procedure.
#[derive(Debug)]
pub struct Procedure {
    /// `room.verb`
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// Query or mutation.
    pub kind: Kind,
    /// Who may call it.
    pub access: Access,
    /// What it makes out of date.
    pub stales: &'static [Tag],
    /// TypeScript name of its parameters.
    pub params: fn() -> String,
    /// TypeScript name of its reply.
    pub reply: fn() -> String,
}

/// Every tag any procedure makes out of date: what a door tells a window that missed news.
#[must_use]
pub fn every_tag() -> Vec<Tag> {
    let mut tags = Vec::new();
    for tag in PROCEDURES.iter().flat_map(|p| p.stales) {
        if !tags.contains(tag) {
            tags.push(*tag);
        }
    }
    tags
}

macro_rules! access {
    (anyone) => {
        Access::Anyone
    };
    (signed_in) => {
        Access::SignedIn
    };
    ($permission:ident) => {
        Access::Needs(Permission::$permission)
    };
}

macro_rules! kind {
    (query) => {
        Kind::Query
    };
    (mutation) => {
        Kind::Mutation
    };
}

/// One use case on its own piece of the heap: the futures of all procedures together would not fit the
/// stack of a thread.
fn handed<'a, P, R, F>(
    params: Value,
    handler: impl FnOnce(P) -> F + Send + 'a,
) -> Pin<Box<dyn Future<Output = Result<Value, AppError>> + Send + 'a>>
where
    P: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, AppError>> + Send + 'a,
{
    Box::pin(async move {
        let params = serde_json::from_value(params).map_err(|e| AppError::bad("params", e))?;
        let reply = Box::pin(handler(params)).await?;
        serde_json::to_value(reply).map_err(AppError::internal)
    })
}

macro_rules! procedures {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:literal($params:ident) -> $reply:ident
        needs $access:ident stales [$($tag:ident)*] => $room:ident::$handler:ident;)*) => {
        /// Every procedure, in the order of the rooms.
        pub static PROCEDURES: &[Procedure] = &[$(Procedure {
            name: $name,
            doc: concat!($($doc),+),
            kind: kind!($kind),
            access: access!($access),
            stales: &[$(Tag::$tag),*],
            params: || <wire::$params as ts_rs::TS>::ident(&ts_rs::Config::default()),
            reply: || <wire::$reply as ts_rs::TS>::ident(&ts_rs::Config::default()),
        }),*];

        /// Hands checked parameters to the use case and its reply back.
        pub(crate) async fn dispatch(ctx: &Ctx, name: &str, params: Value) -> Result<Value, AppError> {
            match name {
                $($name => handed::<wire::$params, wire::$reply, _>(params, |params| $room::$handler(ctx, params)),)*
                _ => return Err(AppError::new(Code::NoSuchProcedure).with("name", name)),
            }
            .await
        }
    };
}

procedures! {
    /// What the window's frame shows, and what must happen first.
    query "app.status"(Nothing) -> AppStatus needs anyone stales [] => session::status;
    /// Makes the offline demo merchant, with its sandbox, history and three people.
    mutation "setup.demo"(SetupDemo) -> AppStatus needs anyone stales [Status] => setup::demo;
    /// Sets up the merchant's own desk with its first three people.
    mutation "setup.own"(SetupOwn) -> AppStatus needs anyone stales [Status] => setup::own;
    /// Opens the vault where the system has no keychain.
    mutation "vault.unlock"(UnlockVault) -> AppStatus needs anyone stales [Status] => setup::unlock;
    /// Signs in; five failures lock the login for 15 minutes.
    mutation "session.sign_in"(SignIn) -> AppStatus needs anyone stales [Status] => session::sign_in;
    /// Signs out.
    mutation "session.sign_out"(Nothing) -> AppStatus needs anyone stales [Status] => session::sign_out;
    /// Changes one's own password.
    mutation "session.change_password"(ChangePassword) -> AppStatus needs signed_in stales [] => session::change_password;

    /// Long work: what runs, and what ended last.
    query "tasks.list"(Nothing) -> TaskList needs signed_in stales [] => tasks::list;
    /// Holds a piece of work where it is; it keeps what it has.
    mutation "tasks.pause"(TaskRef) -> TaskView needs signed_in stales [] => tasks::pause;
    /// Lets paused work go on.
    mutation "tasks.resume"(TaskRef) -> TaskView needs signed_in stales [] => tasks::resume;
    /// Ends a piece of work; what is half done is taken back.
    mutation "tasks.cancel"(TaskRef) -> TaskView needs signed_in stales [] => tasks::cancel;
    /// Small choices of whoever asks: theme, saved views, keys.
    query "preferences.all"(Nothing) -> Preferences needs signed_in stales [] => preferences::all;
    /// Keeps or forgets one of them.
    mutation "preferences.put"(PreferencePut) -> Preferences needs signed_in stales [] => preferences::put;

    /// The people of this desk, for owners of differences.
    query "users.people"(Nothing) -> People needs signed_in stales [] => users::people;
    /// Users with their roles.
    query "users.list"(Nothing) -> UserList needs ManageUsers stales [] => users::list;
    /// Adds a person.
    mutation "users.add"(NewUser) -> UserList needs ManageUsers stales [Users Audit Access] => users::add;
    /// Stops a person from signing in.
    mutation "users.disable"(UserRef) -> UserList needs ManageUsers stales [Users Audit Access] => users::disable;
    /// Lets a disabled person sign in again.
    mutation "users.enable"(UserRef) -> UserList needs ManageUsers stales [Users Audit Access] => users::enable;
    /// Gives a person another role; the last administrator stays one.
    mutation "users.set_role"(SetRole) -> UserList needs ManageUsers stales [Users Audit Access] => users::set_role;
    /// Gives a person a new password and lifts a lock.
    mutation "users.reset_password"(ResetPassword) -> UserList needs ManageUsers stales [Users Audit Access] => users::reset_password;

    /// Connected merchant accounts.
    query "accounts.list"(Nothing) -> AccountList needs ViewOrders stales [] => accounts::list;
    /// Connects a WeChat Pay merchant number; keys are checked, then sealed.
    mutation "accounts.add_wechat"(AddWechatAccount) -> AccountView needs ManageAccounts stales [Accounts Keys Status Audit] => accounts::add_wechat;
    /// Tries clock, signature, reply verification and permission against the channel.
    mutation "accounts.self_test"(AccountRef) -> SelfTest needs ManageAccounts stales [Accounts Audit] => accounts::self_test;

    /// Every key and certificate in use, how long it lasts, and what stops when nothing is done.
    query "keys.list"(Nothing) -> KeyList needs ViewOrders stales [] => keys::list;
    /// Asks the channel for its present public keys.
    mutation "keys.refresh"(AccountRef) -> KeyList needs ManageAccounts stales [Keys Status Audit] => keys::refresh;
    /// Rehearses a change of keys on this machine, through the code that verifies for real.
    mutation "keys.rehearse"(AccountRef) -> Rehearsal needs ManageAccounts stales [Keys Audit] => keys::rehearse;
    /// The audit rows about keys and certificates.
    query "keys.changes"(KeyChangeSearch) -> KeyChanges needs ViewOrders stales [] => keys::changes;

    /// Looks through a pasted message: which bytes its signature covers, and why they differ. Nothing is kept but that it was done.
    mutation "xray.inspect"(XrayInput) -> XrayReport needs ViewOrders stales [Audit] => xray::inspect;
    /// A message with one real fault, signed on the spot with keys made for it.
    query "xray.example"(XrayExampleRef) -> XrayExample needs ViewOrders stales [] => xray::example;

    /// Searches orders by anything.
    query "orders.search"(OrderSearch) -> OrderPage needs ViewOrders stales [] => orders::search;
    /// Counts and sums a search of orders, exactly.
    query "orders.totals"(OrderTotalsRequest) -> OrderTotals needs ViewOrders stales [] => orders::totals;
    /// Says what a text is, when it is a whole number of this desk.
    query "orders.recognise"(RecogniseText) -> Recognised needs ViewOrders stales [] => orders::recognise;
    /// One order with everything known of it.
    query "orders.detail"(OrderRef) -> OrderDetail needs ViewOrders stales [] => orders::detail;
    /// Asks the channel about one order.
    mutation "orders.query_channel"(OrderRef) -> OrderDetail needs ViewOrders stales [Orders Audit] => orders::query_channel;
    /// Asks the channel about a number the desk may never have seen.
    mutation "orders.lookup"(OrderLookup) -> OrderDetail needs ViewOrders stales [Orders Audit] => orders::lookup;
    /// Shows who paid, with a reason that the audit log keeps.
    mutation "orders.reveal_payer"(RevealPayer) -> RevealedPayer needs RevealPayer stales [Audit] => orders::reveal_payer;
    /// Everything that proves an order, as a ZIP file with a digest of each part.
    mutation "orders.evidence"(OrderRef) -> FileView needs ViewOrders stales [Audit] => evidence::pack;
    /// Closes an unpaid order at the channel.
    mutation "orders.close"(OrderRef) -> OrderDetail needs RequestRefund stales [Orders Audit] => orders::close;

    /// Finds anything by one text: numbers, amounts, days, people, with what may be done about it.
    query "search.find"(FindRequest) -> Found needs signed_in stales [] => search::find;

    /// Opens the refund form: mints and stores the refund number.
    mutation "refunds.open"(OpenRefund) -> RefundForm needs RequestRefund stales [Refunds Audit] => refunds::open;
    /// Opens an unfinished or pending refund of one's own again.
    query "refunds.form"(RefundRef) -> RefundForm needs RequestRefund stales [] => refunds::form;
    /// Runs the pre-flight for an amount.
    query "refunds.preflight"(PreflightRequest) -> Preflight needs RequestRefund stales [] => refunds::preflight;
    /// Keeps a form that was not sent, as it stands; nobody is asked for anything.
    mutation "refunds.save_draft"(SaveDraft) -> Nothing needs RequestRefund stales [] => refunds::save_draft;
    /// Asks for the refund; nothing is sent before another person approves. Asking again with changed content voids approvals.
    mutation "refunds.request"(RefundRequest) -> RefundView needs RequestRefund stales [Refunds Orders Status Audit] => refunds::request;
    /// Takes a request back into a draft, until it leaves for the channel.
    mutation "refunds.withdraw"(RefundRef) -> RefundView needs RequestRefund stales [Refunds Orders Status Audit] => refunds::withdraw;
    /// Lists refunds of one lane.
    query "refunds.list"(RefundList) -> RefundPage needs ViewOrders stales [] => refunds::list;
    /// One refund with what an approval would cover.
    query "refunds.detail"(RefundRef) -> RefundView needs ViewOrders stales [] => refunds::detail;
    /// Asks the channel how a refund went, now.
    mutation "refunds.query_channel"(RefundRef) -> RefundView needs ViewOrders stales [Refunds Orders Status Audit] => refunds::query_channel;
    /// What waits for this person, what does not and why, and what is unknown.
    query "approvals.queue"(Nothing) -> ApprovalQueue needs ViewOrders stales [] => refunds::queue;
    /// Approves exactly the shown content; the last approval needed sends the refund.
    mutation "approvals.approve"(Approve) -> RefundView needs ApproveRefund stales [Refunds Orders Status Audit] => refunds::approve;
    /// Takes one's approval back while it cools off, with a reason; the maker must ask again.
    mutation "approvals.recall"(Reject) -> RefundView needs ApproveRefund stales [Refunds Orders Status Audit] => refunds::recall;
    /// Rejects, with a reason.
    mutation "approvals.reject"(Reject) -> RefundView needs ApproveRefund stales [Refunds Orders Status Audit] => refunds::reject;

    /// Which days have their bills.
    query "bills.calendar"(BillCalendarRequest) -> BillCalendar needs ViewBills stales [] => bills::calendar;
    /// Fetches, verifies and archives one bill.
    mutation "bills.fetch"(FetchBill) -> BillView needs RunReconciliation stales [Bills Orders Recon Close Status Audit] => bills::fetch;
    /// Fetches every bill of the last 35 days that can be fetched, one by one; each has its own outcome.
    mutation "bills.fetch_missing"(FetchMissing) -> FetchMissingResult needs RunReconciliation stales [Bills Orders Recon Close Status Audit] => gaps::fetch_missing;
    /// One archived bill.
    query "bills.detail"(BillRef) -> BillView needs ViewBills stales [] => bills::detail;
    /// Rows of a bill with their bytes.
    query "bills.lines"(BillLinesRequest) -> BillLines needs ViewBills stales [] => bills::lines;
    /// An archived file as text, with line numbers.
    query "bills.raw"(BillRawRequest) -> BillRaw needs ViewBills stales [] => bills::raw;
    /// The archived file, byte for byte.
    mutation "bills.export"(BillRef) -> FileView needs ViewBills stales [Audit] => bills::export;
    /// Imports one day of the merchant's books.
    mutation "books.import"(ImportBooks) -> BooksView needs RunReconciliation stales [Books Orders Recon Close Audit] => books::import;
    /// Every way an account's books can be read: mappings, databases, keys of encrypted files.
    query "books.ways"(AccountRef) -> BooksWays needs ViewBills stales [] => book_ways::list;
    /// The first rows of a books file as the engine reads them; without a mapping one is proposed.
    query "books.preview"(PreviewBooks) -> BooksPreview needs signed_in stales [] => book_ways::preview;
    /// Keeps a mapping under a name.
    mutation "books.save_mapping"(SaveMapping) -> BooksWays needs RunReconciliation stales [Books Audit] => book_ways::save_mapping;
    /// Reads the account's books with this mapping from now on, or with the default.
    mutation "books.use_mapping"(UseMapping) -> BooksWays needs RunReconciliation stales [Books Audit] => book_ways::use_mapping;
    /// Forgets a mapping; imports made with it stay as they are.
    mutation "books.remove_mapping"(MappingRef) -> BooksWays needs RunReconciliation stales [Books Audit] => book_ways::remove_mapping;
    /// A mapping as the file `zf reconcile --mapping` takes.
    mutation "books.export_mapping"(MappingRef) -> FileView needs ViewBills stales [Audit] => book_ways::export_mapping;
    /// Reads a mapping file.
    query "books.read_mapping"(FileRef) -> BookMapping needs signed_in stales [] => book_ways::read_mapping;
    /// Keeps a database the books can be read from.
    mutation "books.save_source"(SaveSource) -> BooksWays needs ManageAccounts stales [Books Audit] => book_ways::save_source;
    /// Forgets a database with its password.
    mutation "books.remove_source"(SourceRef) -> BooksWays needs ManageAccounts stales [Books Audit] => book_ways::remove_source;
    /// The first rows a database gives for a day, as a file to preview.
    mutation "books.sample_source"(SourceDay) -> FileView needs signed_in stales [Audit] => book_ways::sample_source;
    /// Reads a day from a database and takes it in as the day's books.
    mutation "books.import_source"(SourceDay) -> BooksView needs RunReconciliation stales [Books Orders Recon Close Audit] => book_ways::import_source;
    /// Keeps the key of encrypted books in the vault.
    mutation "books.add_key"(AddBooksKey) -> BooksWays needs ManageAccounts stales [Books Audit] => book_ways::add_key;
    /// Forgets the key of encrypted books.
    mutation "books.remove_key"(MappingRef) -> BooksWays needs ManageAccounts stales [Books Audit] => book_ways::remove_key;

    /// What a day has, and its runs.
    query "recon.day"(DayRef) -> ReconDay needs ViewBills stales [] => recon::day;
    /// Reconciles a day.
    mutation "recon.run"(DayRef) -> ReconView needs RunReconciliation stales [Recon Orders Close Status Audit] => recon::run;
    /// Differences of a run.
    query "recon.differences"(DifferenceSearch) -> DifferencePage needs ViewBills stales [] => recon::differences;
    /// One difference with its evidence.
    query "recon.difference"(DifferenceRef) -> DifferenceDetail needs ViewBills stales [] => recon::difference;
    /// Everything that proves a difference, as a ZIP file with a digest of each part.
    mutation "recon.evidence"(DifferenceRef) -> EvidenceFile needs ViewBills stales [Audit] => evidence::of_difference;
    /// Suspends differences: owner, due date and note.
    mutation "recon.resolve"(ResolveDifferences) -> BatchResult needs RunReconciliation stales [Recon Orders Close Status Audit] => resolutions::resolve;
    /// A second person's yes or no to what moves money or books.
    mutation "recon.decide"(DecideResolutions) -> BatchResult needs SignDayAsChecker stales [Recon Close Status Audit] => resolutions::decide;
    /// The ledger of everything done about differences, the newest first.
    query "recon.resolutions"(ResolutionSearch) -> ResolutionPage needs ViewBills stales [] => resolutions::search;
    /// Takes back what was done about differences, by a reversing entry.
    mutation "recon.reverse"(ReverseResolutions) -> BatchResult needs RunReconciliation stales [Recon Close Status Audit] => resolutions::reverse;
    /// Differences of a run as a CSV that opens in a spreadsheet.
    mutation "recon.export"(ExportRun) -> FileView needs ViewBills stales [Audit] => recon::export;
    /// Everything open of an account, counted: waiting, broken, overdue, suspended.
    query "recon.pool"(PoolRef) -> PoolView needs ViewBills stales [] => recon::pool;
    /// Open differences of an account over all days.
    query "recon.pool_differences"(PoolSearch) -> DifferencePage needs ViewBills stales [] => recon::pool_differences;
    /// Rows that were not final when their day was reconciled: what waits, or what came since.
    query "recon.carried"(CarriedSearch) -> CarriedPage needs ViewBills stales [] => carry::rows;
    /// The rules of reconciliation: what stands, what is proposed, what was decided.
    query "recon.rules"(Nothing) -> RuleSetsView needs ViewBills stales [] => recon_rules::all;
    /// Proposes rules; nothing changes before another person approves.
    mutation "recon.propose_rules"(ProposeRules) -> RuleSetsView needs RunReconciliation stales [Recon Audit] => recon_rules::propose;
    /// A second person's yes or no to proposed rules, over their digest.
    mutation "recon.decide_rules"(DecideRules) -> RuleSetsView needs SignDayAsChecker stales [Recon Audit] => recon_rules::decide;
    /// Takes back one's own proposal.
    mutation "recon.withdraw_rules"(RuleSetRef) -> RuleSetsView needs RunReconciliation stales [Recon Audit] => recon_rules::withdraw;
    /// Rules as a file that `zf reconcile --rules` takes.
    mutation "recon.export_rules"(ExportRules) -> FileView needs ViewBills stales [Audit] => recon_rules::export;
    /// Reads a rule file for the editor; nothing is kept of it.
    query "recon.read_rules"(RuleFile) -> RuleBody needs ViewBills stales [] => recon_rules::read_file;
    /// Runs proposed rules over days already reconciled; keeps nothing but the report.
    mutation "recon.back_test"(BackTestRequest) -> BackTestView needs ViewBills stales [Recon Audit] => back_tests::run;
    /// Differences a trial hides or raises.
    query "recon.back_test_items"(BackTestItemsRequest) -> BackTestItems needs ViewBills stales [] => back_tests::items;
    /// The same as a CSV that opens in a spreadsheet.
    mutation "recon.export_back_test"(BackTestRef) -> FileView needs ViewBills stales [Audit] => back_tests::export;
    /// Compares two files without any account.
    mutation "recon.compare_files"(CompareFiles) -> CompareView needs anyone stales [] => compare::files;

    /// The other two legs of a day: trade bill and fund flow, fund flow and bank.
    query "recon.flow"(DayRef) -> FlowDay needs ViewBills stales [] => flow::day;
    /// Ties a day's trade bill to its fund-flow bill.
    mutation "recon.tie_flow"(DayRef) -> FlowDay needs RunReconciliation stales [Recon Close Status Audit] => flow::tie;
    /// Says what movements of the fund flow are, with a reason.
    mutation "recon.name_entries"(NameEntries) -> FlowDay needs RunReconciliation stales [Recon Close Status Audit] => flow::name;
    /// Takes such a name back.
    mutation "recon.unname_entry"(UnnameEntry) -> FlowDay needs RunReconciliation stales [Recon Close Status Audit] => flow::unname;
    /// Imported bank statements of an account.
    query "recon.bank_statements"(AccountRef) -> BankStatements needs ViewBills stales [] => bank::statements;
    /// Imports a bank's statement from CSV; the same bytes again change nothing.
    mutation "recon.import_bank"(ImportBank) -> BankStatementView needs RunReconciliation stales [Recon Close Status Audit] => bank::import;
    /// Takes a statement out of use, with a reason; its bytes stay.
    mutation "recon.withdraw_bank"(WithdrawBank) -> BankStatements needs RunReconciliation stales [Recon Close Status Audit] => bank::withdraw;
    /// Says which bank lines are which withdrawals, where the program must not choose.
    mutation "recon.confirm_bank"(ConfirmBank) -> FlowDay needs RunReconciliation stales [Recon Close Status Audit] => bank::confirm;
    /// Takes such a choice back.
    mutation "recon.undo_bank"(UndoBank) -> FlowDay needs RunReconciliation stales [Recon Close Status Audit] => bank::undo;

    /// All accounts on one day.
    query "close.board"(CloseDay) -> CloseBoard needs ViewBills stales [] => close::board;
    /// Signs a day as maker.
    mutation "close.sign_maker"(SignDay) -> CloseView needs SignDayAsMaker stales [Close Status Audit] => close::sign_maker;
    /// Signs a day as checker, and locks it.
    mutation "close.sign_checker"(SignDay) -> CloseView needs SignDayAsChecker stales [Close Recon Status Audit] => close::sign_checker;
    /// Wishes a closed day open again, with a reason; another person decides.
    mutation "close.ask_reopening"(ReturnDay) -> CloseView needs SignDayAsMaker stales [Close Status Audit] => close::ask_reopening;
    /// Opens a closed day again, as somebody else wished; what was signed stays in its history.
    mutation "close.reopen"(ReturnDay) -> CloseView needs SignDayAsChecker stales [Close Recon Status Audit] => close::reopen;
    /// Leaves a day closed: the second person's no, or the wish taken back.
    mutation "close.keep_closed"(ReturnDay) -> CloseView needs signed_in stales [Close Status Audit] => close::keep_closed;
    /// Returns a day to its maker, with a reason.
    mutation "close.return_to_maker"(ReturnDay) -> CloseView needs SignDayAsChecker stales [Close Audit] => close::return_to_maker;

    /// The close report of a day as a CSV that opens in a spreadsheet.
    mutation "close.export"(ExportClose) -> FileView needs ViewBills stales [Audit] => close::export;
    /// What a day's close report shows, before it is written.
    query "close.preview"(CloseReportAsk) -> CloseReportView needs ViewBills stales [] => close_report::preview;
    /// Writes the close report of a day: a workbook, or a signed PDF with the close's digest on every page.
    mutation "close.report"(CloseReportRequest) -> CloseReportFile needs ViewBills stales [Audit] => close_report::write;
    /// How the desk stands: the day to close, what waits for whom, and which bills are missing.
    query "desk.overview"(Nothing) -> DeskOverview needs ViewBills stales [] => desk::overview;
    /// Collected and refunded of thirty days.
    query "desk.month"(Nothing) -> DeskMonth needs ViewBills stales [] => desk::month;

    /// Issues the signed receipt of a paid order.
    mutation "receipts.issue"(IssueReceipt) -> ReceiptView needs IssueReceipt stales [Receipts Orders Audit] => receipts::issue;
    /// Issued receipts.
    query "receipts.list"(ReceiptSearch) -> ReceiptPage needs ViewOrders stales [] => receipts::list;
    /// An issued receipt's file.
    mutation "receipts.file"(ReceiptRef) -> FileView needs ViewOrders stales [Audit] => receipts::file;
    /// Judges a receipt, ours or another's.
    mutation "receipts.verify"(VerifyReceipt) -> ReceiptVerification needs VerifyReceipt stales [Audit] => receipts::verify;

    /// Judges the newest receipt of this desk with one byte changed: what an altered one looks like.
    query "receipts.try_altered"(Nothing) -> ReceiptVerification needs VerifyReceipt stales [] => receipts::try_altered;

    /// Rules of the refund desk, with every version before.
    query "settings.rules"(Nothing) -> RulesView needs signed_in stales [] => settings::rules;
    /// Sets the rules for what is asked for from now on.
    mutation "settings.set_rules"(SetRules) -> RulesView needs ManageSettings stales [Settings Refunds Audit Access] => settings::set_rules;
    /// What the timer does by itself, with every version before.
    query "settings.schedule"(Nothing) -> ScheduleView needs signed_in stales [] => settings::schedule;
    /// Sets what the timer does by itself.
    mutation "settings.set_schedule"(SetSchedule) -> ScheduleView needs ManageSettings stales [Settings Audit] => settings::set_schedule;
    /// What the desk does about fund flow and bank, with every version before.
    query "settings.three_way"(Nothing) -> ThreeWayView needs signed_in stales [] => flow::rules_view;
    /// Sets what the desk does about fund flow and bank.
    mutation "settings.set_three_way"(SetThreeWay) -> ThreeWayView needs ManageSettings stales [Settings Recon Close Audit] => flow::set_rules;
    /// Who can do what, who does, and what a careful house would change.
    query "access.review"(Nothing) -> AccessReview needs ViewAudit stales [] => access::review;

    /// Issues receipts for many orders, at most 500; an order that has one gets no second.
    mutation "receipts.issue_batch"(IssueBatch) -> BatchView needs IssueReceipt stales [Receipts Audit] => batches::start;
    /// Goes on with a batch that was cancelled or interrupted.
    mutation "receipts.continue_batch"(BatchRef) -> BatchView needs IssueReceipt stales [Receipts Audit] => batches::go_on;
    /// Batches, newest first.
    query "receipts.batches"(Nothing) -> BatchList needs ViewOrders stales [] => batches::list;
    /// Orders of a batch with what became of each.
    query "receipts.batch_rows"(BatchRowsRequest) -> BatchRows needs ViewOrders stales [] => batches::rows;

    /// Begins to make a file of what a page shows, or of files themselves.
    mutation "exports.start"(StartExport) -> ExportView needs signed_in stales [Exports Audit] => exports::start;
    /// Makes an export again that was interrupted, cancelled, failed or removed.
    mutation "exports.again"(ExportRef) -> ExportView needs signed_in stales [Exports Audit] => exports::again;
    /// Exports, newest first: one's own, and for auditors everybody's.
    query "exports.list"(ExportSearch) -> ExportList needs signed_in stales [] => exports::list;
    /// An export's file.
    mutation "exports.file"(ExportRef) -> FileView needs signed_in stales [Audit] => exports::file;
    /// Removes an export's file; its row and digest stay.
    mutation "exports.remove"(ExportRef) -> ExportView needs signed_in stales [Exports Audit] => exports::remove;

    /// Who did what.
    query "audit.page"(AuditSearch) -> AuditPage needs ViewAudit stales [] => audit::page;
    /// Who and what stands in the log.
    query "audit.names"(Nothing) -> AuditNames needs ViewAudit stales [] => audit::names;
    /// Checks the chain from its first row to its last.
    query "audit.verify"(Nothing) -> AuditVerdict needs ViewAudit stales [] => audit::verify;
}
