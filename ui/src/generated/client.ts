// Written from Rust by `make generate`. Do not edit.

import type * as T from "./types";

export const procedures = {
  /** What the window's frame shows, and what must happen first. */
  "app.status": { kind: "query", needs: "anyone", stales: [] },
  /** Makes the offline demo merchant, with its sandbox, history and three people. */
  "setup.demo": { kind: "mutation", needs: "anyone", stales: ["status"] },
  /** Sets up the merchant's own desk with its first three people. */
  "setup.own": { kind: "mutation", needs: "anyone", stales: ["status"] },
  /** Opens the vault where the system has no keychain. */
  "vault.unlock": { kind: "mutation", needs: "anyone", stales: ["status"] },
  /** Signs in; five failures lock the login for 15 minutes. */
  "session.sign_in": { kind: "mutation", needs: "anyone", stales: ["status"] },
  /** Signs out. */
  "session.sign_out": { kind: "mutation", needs: "anyone", stales: ["status"] },
  /** Changes one's own password. */
  "session.change_password": { kind: "mutation", needs: "signed_in", stales: [] },
  /** Long work: what runs, and what ended last. */
  "tasks.list": { kind: "query", needs: "signed_in", stales: [] },
  /** Holds a piece of work where it is; it keeps what it has. */
  "tasks.pause": { kind: "mutation", needs: "signed_in", stales: [] },
  /** Lets paused work go on. */
  "tasks.resume": { kind: "mutation", needs: "signed_in", stales: [] },
  /** Ends a piece of work; what is half done is taken back. */
  "tasks.cancel": { kind: "mutation", needs: "signed_in", stales: [] },
  /** Small choices of whoever asks: theme, saved views, keys. */
  "preferences.all": { kind: "query", needs: "signed_in", stales: [] },
  /** Keeps or forgets one of them. */
  "preferences.put": { kind: "mutation", needs: "signed_in", stales: [] },
  /** The people of this desk, for owners of differences. */
  "users.people": { kind: "query", needs: "signed_in", stales: [] },
  /** Users with their roles. */
  "users.list": { kind: "query", needs: "manage_users", stales: [] },
  /** Adds a person. */
  "users.add": { kind: "mutation", needs: "manage_users", stales: ["users", "audit", "access"] },
  /** Stops a person from signing in. */
  "users.disable": { kind: "mutation", needs: "manage_users", stales: ["users", "audit", "access"] },
  /** Lets a disabled person sign in again. */
  "users.enable": { kind: "mutation", needs: "manage_users", stales: ["users", "audit", "access"] },
  /** Gives a person another role; the last administrator stays one. */
  "users.set_role": { kind: "mutation", needs: "manage_users", stales: ["users", "audit", "access"] },
  /** Gives a person a new password and lifts a lock. */
  "users.reset_password": { kind: "mutation", needs: "manage_users", stales: ["users", "audit", "access"] },
  /** Connected merchant accounts. */
  "accounts.list": { kind: "query", needs: "view_orders", stales: [] },
  /** Connects a WeChat Pay merchant number; keys are checked, then sealed. */
  "accounts.add_wechat": { kind: "mutation", needs: "manage_accounts", stales: ["accounts", "keys", "status", "audit"] },
  /** Tries clock, signature, reply verification and permission against the channel. */
  "accounts.self_test": { kind: "mutation", needs: "manage_accounts", stales: ["accounts", "audit"] },
  /** Every key and certificate in use, how long it lasts, and what stops when nothing is done. */
  "keys.list": { kind: "query", needs: "view_orders", stales: [] },
  /** Asks the channel for its present public keys. */
  "keys.refresh": { kind: "mutation", needs: "manage_accounts", stales: ["keys", "status", "audit"] },
  /** Rehearses a change of keys on this machine, through the code that verifies for real. */
  "keys.rehearse": { kind: "mutation", needs: "manage_accounts", stales: ["keys", "audit"] },
  /** The audit rows about keys and certificates. */
  "keys.changes": { kind: "query", needs: "view_orders", stales: [] },
  /** Looks through a pasted message: which bytes its signature covers, and why they differ. Nothing is kept but that it was done. */
  "xray.inspect": { kind: "mutation", needs: "view_orders", stales: ["audit"] },
  /** A message with one real fault, signed on the spot with keys made for it. */
  "xray.example": { kind: "query", needs: "view_orders", stales: [] },
  /** Searches orders by anything. */
  "orders.search": { kind: "query", needs: "view_orders", stales: [] },
  /** Counts and sums a search of orders, exactly. */
  "orders.totals": { kind: "query", needs: "view_orders", stales: [] },
  /** Says what a text is, when it is a whole number of this desk. */
  "orders.recognise": { kind: "query", needs: "view_orders", stales: [] },
  /** One order with everything known of it. */
  "orders.detail": { kind: "query", needs: "view_orders", stales: [] },
  /** Asks the channel about one order. */
  "orders.query_channel": { kind: "mutation", needs: "view_orders", stales: ["orders", "audit"] },
  /** Asks the channel about a number the desk may never have seen. */
  "orders.lookup": { kind: "mutation", needs: "view_orders", stales: ["orders", "audit"] },
  /** Shows who paid, with a reason that the audit log keeps. */
  "orders.reveal_payer": { kind: "mutation", needs: "reveal_payer", stales: ["audit"] },
  /** Everything that proves an order, as a ZIP file with a digest of each part. */
  "orders.evidence": { kind: "mutation", needs: "view_orders", stales: ["audit"] },
  /** Closes an unpaid order at the channel. */
  "orders.close": { kind: "mutation", needs: "request_refund", stales: ["orders", "audit"] },
  /** Finds anything by one text: numbers, amounts, days, people, with what may be done about it. */
  "search.find": { kind: "query", needs: "signed_in", stales: [] },
  /** Opens the refund form: mints and stores the refund number. */
  "refunds.open": { kind: "mutation", needs: "request_refund", stales: ["refunds", "audit"] },
  /** Opens an unfinished or pending refund of one's own again. */
  "refunds.form": { kind: "query", needs: "request_refund", stales: [] },
  /** Runs the pre-flight for an amount. */
  "refunds.preflight": { kind: "query", needs: "request_refund", stales: [] },
  /** Keeps a form that was not sent, as it stands; nobody is asked for anything. */
  "refunds.save_draft": { kind: "mutation", needs: "request_refund", stales: [] },
  /** Asks for the refund; nothing is sent before another person approves. Asking again with changed content voids approvals. */
  "refunds.request": { kind: "mutation", needs: "request_refund", stales: ["refunds", "orders", "status", "audit"] },
  /** Takes a request back into a draft, until it leaves for the channel. */
  "refunds.withdraw": { kind: "mutation", needs: "request_refund", stales: ["refunds", "orders", "status", "audit"] },
  /** Lists refunds of one lane. */
  "refunds.list": { kind: "query", needs: "view_orders", stales: [] },
  /** One refund with what an approval would cover. */
  "refunds.detail": { kind: "query", needs: "view_orders", stales: [] },
  /** Asks the channel how a refund went, now. */
  "refunds.query_channel": { kind: "mutation", needs: "view_orders", stales: ["refunds", "orders", "status", "audit"] },
  /** What waits for this person, what does not and why, and what is unknown. */
  "approvals.queue": { kind: "query", needs: "view_orders", stales: [] },
  /** Approves exactly the shown content; the last approval needed sends the refund. */
  "approvals.approve": { kind: "mutation", needs: "approve_refund", stales: ["refunds", "orders", "status", "audit"] },
  /** Takes one's approval back while it cools off, with a reason; the maker must ask again. */
  "approvals.recall": { kind: "mutation", needs: "approve_refund", stales: ["refunds", "orders", "status", "audit"] },
  /** Rejects, with a reason. */
  "approvals.reject": { kind: "mutation", needs: "approve_refund", stales: ["refunds", "orders", "status", "audit"] },
  /** Which days have their bills. */
  "bills.calendar": { kind: "query", needs: "view_bills", stales: [] },
  /** Fetches, verifies and archives one bill. */
  "bills.fetch": { kind: "mutation", needs: "run_reconciliation", stales: ["bills", "orders", "recon", "close", "status", "audit"] },
  /** Fetches every bill of the last 35 days that can be fetched, one by one; each has its own outcome. */
  "bills.fetch_missing": { kind: "mutation", needs: "run_reconciliation", stales: ["bills", "orders", "recon", "close", "status", "audit"] },
  /** One archived bill. */
  "bills.detail": { kind: "query", needs: "view_bills", stales: [] },
  /** Rows of a bill with their bytes. */
  "bills.lines": { kind: "query", needs: "view_bills", stales: [] },
  /** An archived file as text, with line numbers. */
  "bills.raw": { kind: "query", needs: "view_bills", stales: [] },
  /** The archived file, byte for byte. */
  "bills.export": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** Imports one day of the merchant's books. */
  "books.import": { kind: "mutation", needs: "run_reconciliation", stales: ["books", "orders", "recon", "close", "audit"] },
  /** Every way an account's books can be read: mappings, databases, keys of encrypted files. */
  "books.ways": { kind: "query", needs: "view_bills", stales: [] },
  /** The first rows of a books file as the engine reads them; without a mapping one is proposed. */
  "books.preview": { kind: "query", needs: "signed_in", stales: [] },
  /** Keeps a mapping under a name. */
  "books.save_mapping": { kind: "mutation", needs: "run_reconciliation", stales: ["books", "audit"] },
  /** Reads the account's books with this mapping from now on, or with the default. */
  "books.use_mapping": { kind: "mutation", needs: "run_reconciliation", stales: ["books", "audit"] },
  /** Forgets a mapping; imports made with it stay as they are. */
  "books.remove_mapping": { kind: "mutation", needs: "run_reconciliation", stales: ["books", "audit"] },
  /** A mapping as the file `zf reconcile --mapping` takes. */
  "books.export_mapping": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** Reads a mapping file. */
  "books.read_mapping": { kind: "query", needs: "signed_in", stales: [] },
  /** Keeps a database the books can be read from. */
  "books.save_source": { kind: "mutation", needs: "manage_accounts", stales: ["books", "audit"] },
  /** Forgets a database with its password. */
  "books.remove_source": { kind: "mutation", needs: "manage_accounts", stales: ["books", "audit"] },
  /** The first rows a database gives for a day, as a file to preview. */
  "books.sample_source": { kind: "mutation", needs: "signed_in", stales: ["audit"] },
  /** Reads a day from a database and takes it in as the day's books. */
  "books.import_source": { kind: "mutation", needs: "run_reconciliation", stales: ["books", "orders", "recon", "close", "audit"] },
  /** Keeps the key of encrypted books in the vault. */
  "books.add_key": { kind: "mutation", needs: "manage_accounts", stales: ["books", "audit"] },
  /** Forgets the key of encrypted books. */
  "books.remove_key": { kind: "mutation", needs: "manage_accounts", stales: ["books", "audit"] },
  /** What a day has, and its runs. */
  "recon.day": { kind: "query", needs: "view_bills", stales: [] },
  /** Reconciles a day. */
  "recon.run": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "orders", "close", "status", "audit"] },
  /** Differences of a run. */
  "recon.differences": { kind: "query", needs: "view_bills", stales: [] },
  /** One difference with its evidence. */
  "recon.difference": { kind: "query", needs: "view_bills", stales: [] },
  /** Everything that proves a difference, as a ZIP file with a digest of each part. */
  "recon.evidence": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** Suspends differences: owner, due date and note. */
  "recon.resolve": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "orders", "close", "status", "audit"] },
  /** A second person's yes or no to what moves money or books. */
  "recon.decide": { kind: "mutation", needs: "sign_day_as_checker", stales: ["recon", "close", "status", "audit"] },
  /** The ledger of everything done about differences, the newest first. */
  "recon.resolutions": { kind: "query", needs: "view_bills", stales: [] },
  /** Takes back what was done about differences, by a reversing entry. */
  "recon.reverse": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Differences of a run as a CSV that opens in a spreadsheet. */
  "recon.export": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** Everything open of an account, counted: waiting, broken, overdue, suspended. */
  "recon.pool": { kind: "query", needs: "view_bills", stales: [] },
  /** Open differences of an account over all days. */
  "recon.pool_differences": { kind: "query", needs: "view_bills", stales: [] },
  /** Rows that were not final when their day was reconciled: what waits, or what came since. */
  "recon.carried": { kind: "query", needs: "view_bills", stales: [] },
  /** The rules of reconciliation: what stands, what is proposed, what was decided. */
  "recon.rules": { kind: "query", needs: "view_bills", stales: [] },
  /** Proposes rules; nothing changes before another person approves. */
  "recon.propose_rules": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "audit"] },
  /** A second person's yes or no to proposed rules, over their digest. */
  "recon.decide_rules": { kind: "mutation", needs: "sign_day_as_checker", stales: ["recon", "audit"] },
  /** Takes back one's own proposal. */
  "recon.withdraw_rules": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "audit"] },
  /** Rules as a file that `zf reconcile --rules` takes. */
  "recon.export_rules": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** Reads a rule file for the editor; nothing is kept of it. */
  "recon.read_rules": { kind: "query", needs: "view_bills", stales: [] },
  /** Runs proposed rules over days already reconciled; keeps nothing but the report. */
  "recon.back_test": { kind: "mutation", needs: "view_bills", stales: ["recon", "audit"] },
  /** Differences a trial hides or raises. */
  "recon.back_test_items": { kind: "query", needs: "view_bills", stales: [] },
  /** The same as a CSV that opens in a spreadsheet. */
  "recon.export_back_test": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** Compares two files without any account. */
  "recon.compare_files": { kind: "mutation", needs: "anyone", stales: [] },
  /** The other two legs of a day: trade bill and fund flow, fund flow and bank. */
  "recon.flow": { kind: "query", needs: "view_bills", stales: [] },
  /** Ties a day's trade bill to its fund-flow bill. */
  "recon.tie_flow": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Says what movements of the fund flow are, with a reason. */
  "recon.name_entries": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Takes such a name back. */
  "recon.unname_entry": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Imported bank statements of an account. */
  "recon.bank_statements": { kind: "query", needs: "view_bills", stales: [] },
  /** Imports a bank's statement from CSV; the same bytes again change nothing. */
  "recon.import_bank": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Takes a statement out of use, with a reason; its bytes stay. */
  "recon.withdraw_bank": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Says which bank lines are which withdrawals, where the program must not choose. */
  "recon.confirm_bank": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** Takes such a choice back. */
  "recon.undo_bank": { kind: "mutation", needs: "run_reconciliation", stales: ["recon", "close", "status", "audit"] },
  /** All accounts on one day. */
  "close.board": { kind: "query", needs: "view_bills", stales: [] },
  /** Signs a day as maker. */
  "close.sign_maker": { kind: "mutation", needs: "sign_day_as_maker", stales: ["close", "status", "audit"] },
  /** Signs a day as checker, and locks it. */
  "close.sign_checker": { kind: "mutation", needs: "sign_day_as_checker", stales: ["close", "recon", "status", "audit"] },
  /** Wishes a closed day open again, with a reason; another person decides. */
  "close.ask_reopening": { kind: "mutation", needs: "sign_day_as_maker", stales: ["close", "status", "audit"] },
  /** Opens a closed day again, as somebody else wished; what was signed stays in its history. */
  "close.reopen": { kind: "mutation", needs: "sign_day_as_checker", stales: ["close", "recon", "status", "audit"] },
  /** Leaves a day closed: the second person's no, or the wish taken back. */
  "close.keep_closed": { kind: "mutation", needs: "signed_in", stales: ["close", "status", "audit"] },
  /** Returns a day to its maker, with a reason. */
  "close.return_to_maker": { kind: "mutation", needs: "sign_day_as_checker", stales: ["close", "audit"] },
  /** The close report of a day as a CSV that opens in a spreadsheet. */
  "close.export": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** What a day's close report shows, before it is written. */
  "close.preview": { kind: "query", needs: "view_bills", stales: [] },
  /** Writes the close report of a day: a workbook, or a signed PDF with the close's digest on every page. */
  "close.report": { kind: "mutation", needs: "view_bills", stales: ["audit"] },
  /** How the desk stands: the day to close, what waits for whom, and which bills are missing. */
  "desk.overview": { kind: "query", needs: "view_bills", stales: [] },
  /** Collected and refunded of thirty days. */
  "desk.month": { kind: "query", needs: "view_bills", stales: [] },
  /** Issues the signed receipt of a paid order. */
  "receipts.issue": { kind: "mutation", needs: "issue_receipt", stales: ["receipts", "orders", "audit"] },
  /** Issued receipts. */
  "receipts.list": { kind: "query", needs: "view_orders", stales: [] },
  /** An issued receipt's file. */
  "receipts.file": { kind: "mutation", needs: "view_orders", stales: ["audit"] },
  /** Judges a receipt, ours or another's. */
  "receipts.verify": { kind: "mutation", needs: "verify_receipt", stales: ["audit"] },
  /** Judges the newest receipt of this desk with one byte changed: what an altered one looks like. */
  "receipts.try_altered": { kind: "query", needs: "verify_receipt", stales: [] },
  /** Rules of the refund desk, with every version before. */
  "settings.rules": { kind: "query", needs: "signed_in", stales: [] },
  /** Sets the rules for what is asked for from now on. */
  "settings.set_rules": { kind: "mutation", needs: "manage_settings", stales: ["settings", "refunds", "audit", "access"] },
  /** What the timer does by itself, with every version before. */
  "settings.schedule": { kind: "query", needs: "signed_in", stales: [] },
  /** Sets what the timer does by itself. */
  "settings.set_schedule": { kind: "mutation", needs: "manage_settings", stales: ["settings", "audit"] },
  /** What the desk does about fund flow and bank, with every version before. */
  "settings.three_way": { kind: "query", needs: "signed_in", stales: [] },
  /** Sets what the desk does about fund flow and bank. */
  "settings.set_three_way": { kind: "mutation", needs: "manage_settings", stales: ["settings", "recon", "close", "audit"] },
  /** Who can do what, who does, and what a careful house would change. */
  "access.review": { kind: "query", needs: "view_audit", stales: [] },
  /** Issues receipts for many orders, at most 500; an order that has one gets no second. */
  "receipts.issue_batch": { kind: "mutation", needs: "issue_receipt", stales: ["receipts", "audit"] },
  /** Goes on with a batch that was cancelled or interrupted. */
  "receipts.continue_batch": { kind: "mutation", needs: "issue_receipt", stales: ["receipts", "audit"] },
  /** Batches, newest first. */
  "receipts.batches": { kind: "query", needs: "view_orders", stales: [] },
  /** Orders of a batch with what became of each. */
  "receipts.batch_rows": { kind: "query", needs: "view_orders", stales: [] },
  /** Begins to make a file of what a page shows, or of files themselves. */
  "exports.start": { kind: "mutation", needs: "signed_in", stales: ["exports", "audit"] },
  /** Makes an export again that was interrupted, cancelled, failed or removed. */
  "exports.again": { kind: "mutation", needs: "signed_in", stales: ["exports", "audit"] },
  /** Exports, newest first: one's own, and for auditors everybody's. */
  "exports.list": { kind: "query", needs: "signed_in", stales: [] },
  /** An export's file. */
  "exports.file": { kind: "mutation", needs: "signed_in", stales: ["audit"] },
  /** Removes an export's file; its row and digest stay. */
  "exports.remove": { kind: "mutation", needs: "signed_in", stales: ["exports", "audit"] },
  /** Who did what. */
  "audit.page": { kind: "query", needs: "view_audit", stales: [] },
  /** Who and what stands in the log. */
  "audit.names": { kind: "query", needs: "view_audit", stales: [] },
  /** Checks the chain from its first row to its last. */
  "audit.verify": { kind: "query", needs: "view_audit", stales: [] },
} as const;

export type ProcedureName = keyof typeof procedures;

export interface Params {
  "app.status": T.Nothing;
  "setup.demo": T.SetupDemo;
  "setup.own": T.SetupOwn;
  "vault.unlock": T.UnlockVault;
  "session.sign_in": T.SignIn;
  "session.sign_out": T.Nothing;
  "session.change_password": T.ChangePassword;
  "tasks.list": T.Nothing;
  "tasks.pause": T.TaskRef;
  "tasks.resume": T.TaskRef;
  "tasks.cancel": T.TaskRef;
  "preferences.all": T.Nothing;
  "preferences.put": T.PreferencePut;
  "users.people": T.Nothing;
  "users.list": T.Nothing;
  "users.add": T.NewUser;
  "users.disable": T.UserRef;
  "users.enable": T.UserRef;
  "users.set_role": T.SetRole;
  "users.reset_password": T.ResetPassword;
  "accounts.list": T.Nothing;
  "accounts.add_wechat": T.AddWechatAccount;
  "accounts.self_test": T.AccountRef;
  "keys.list": T.Nothing;
  "keys.refresh": T.AccountRef;
  "keys.rehearse": T.AccountRef;
  "keys.changes": T.KeyChangeSearch;
  "xray.inspect": T.XrayInput;
  "xray.example": T.XrayExampleRef;
  "orders.search": T.OrderSearch;
  "orders.totals": T.OrderTotalsRequest;
  "orders.recognise": T.RecogniseText;
  "orders.detail": T.OrderRef;
  "orders.query_channel": T.OrderRef;
  "orders.lookup": T.OrderLookup;
  "orders.reveal_payer": T.RevealPayer;
  "orders.evidence": T.OrderRef;
  "orders.close": T.OrderRef;
  "search.find": T.FindRequest;
  "refunds.open": T.OpenRefund;
  "refunds.form": T.RefundRef;
  "refunds.preflight": T.PreflightRequest;
  "refunds.save_draft": T.SaveDraft;
  "refunds.request": T.RefundRequest;
  "refunds.withdraw": T.RefundRef;
  "refunds.list": T.RefundList;
  "refunds.detail": T.RefundRef;
  "refunds.query_channel": T.RefundRef;
  "approvals.queue": T.Nothing;
  "approvals.approve": T.Approve;
  "approvals.recall": T.Reject;
  "approvals.reject": T.Reject;
  "bills.calendar": T.BillCalendarRequest;
  "bills.fetch": T.FetchBill;
  "bills.fetch_missing": T.FetchMissing;
  "bills.detail": T.BillRef;
  "bills.lines": T.BillLinesRequest;
  "bills.raw": T.BillRawRequest;
  "bills.export": T.BillRef;
  "books.import": T.ImportBooks;
  "books.ways": T.AccountRef;
  "books.preview": T.PreviewBooks;
  "books.save_mapping": T.SaveMapping;
  "books.use_mapping": T.UseMapping;
  "books.remove_mapping": T.MappingRef;
  "books.export_mapping": T.MappingRef;
  "books.read_mapping": T.FileRef;
  "books.save_source": T.SaveSource;
  "books.remove_source": T.SourceRef;
  "books.sample_source": T.SourceDay;
  "books.import_source": T.SourceDay;
  "books.add_key": T.AddBooksKey;
  "books.remove_key": T.MappingRef;
  "recon.day": T.DayRef;
  "recon.run": T.DayRef;
  "recon.differences": T.DifferenceSearch;
  "recon.difference": T.DifferenceRef;
  "recon.evidence": T.DifferenceRef;
  "recon.resolve": T.ResolveDifferences;
  "recon.decide": T.DecideResolutions;
  "recon.resolutions": T.ResolutionSearch;
  "recon.reverse": T.ReverseResolutions;
  "recon.export": T.ExportRun;
  "recon.pool": T.PoolRef;
  "recon.pool_differences": T.PoolSearch;
  "recon.carried": T.CarriedSearch;
  "recon.rules": T.Nothing;
  "recon.propose_rules": T.ProposeRules;
  "recon.decide_rules": T.DecideRules;
  "recon.withdraw_rules": T.RuleSetRef;
  "recon.export_rules": T.ExportRules;
  "recon.read_rules": T.RuleFile;
  "recon.back_test": T.BackTestRequest;
  "recon.back_test_items": T.BackTestItemsRequest;
  "recon.export_back_test": T.BackTestRef;
  "recon.compare_files": T.CompareFiles;
  "recon.flow": T.DayRef;
  "recon.tie_flow": T.DayRef;
  "recon.name_entries": T.NameEntries;
  "recon.unname_entry": T.UnnameEntry;
  "recon.bank_statements": T.AccountRef;
  "recon.import_bank": T.ImportBank;
  "recon.withdraw_bank": T.WithdrawBank;
  "recon.confirm_bank": T.ConfirmBank;
  "recon.undo_bank": T.UndoBank;
  "close.board": T.CloseDay;
  "close.sign_maker": T.SignDay;
  "close.sign_checker": T.SignDay;
  "close.ask_reopening": T.ReturnDay;
  "close.reopen": T.ReturnDay;
  "close.keep_closed": T.ReturnDay;
  "close.return_to_maker": T.ReturnDay;
  "close.export": T.ExportClose;
  "close.preview": T.CloseReportAsk;
  "close.report": T.CloseReportRequest;
  "desk.overview": T.Nothing;
  "desk.month": T.Nothing;
  "receipts.issue": T.IssueReceipt;
  "receipts.list": T.ReceiptSearch;
  "receipts.file": T.ReceiptRef;
  "receipts.verify": T.VerifyReceipt;
  "receipts.try_altered": T.Nothing;
  "settings.rules": T.Nothing;
  "settings.set_rules": T.SetRules;
  "settings.schedule": T.Nothing;
  "settings.set_schedule": T.SetSchedule;
  "settings.three_way": T.Nothing;
  "settings.set_three_way": T.SetThreeWay;
  "access.review": T.Nothing;
  "receipts.issue_batch": T.IssueBatch;
  "receipts.continue_batch": T.BatchRef;
  "receipts.batches": T.Nothing;
  "receipts.batch_rows": T.BatchRowsRequest;
  "exports.start": T.StartExport;
  "exports.again": T.ExportRef;
  "exports.list": T.ExportSearch;
  "exports.file": T.ExportRef;
  "exports.remove": T.ExportRef;
  "audit.page": T.AuditSearch;
  "audit.names": T.Nothing;
  "audit.verify": T.Nothing;
}

export interface Replies {
  "app.status": T.AppStatus;
  "setup.demo": T.AppStatus;
  "setup.own": T.AppStatus;
  "vault.unlock": T.AppStatus;
  "session.sign_in": T.AppStatus;
  "session.sign_out": T.AppStatus;
  "session.change_password": T.AppStatus;
  "tasks.list": T.TaskList;
  "tasks.pause": T.TaskView;
  "tasks.resume": T.TaskView;
  "tasks.cancel": T.TaskView;
  "preferences.all": T.Preferences;
  "preferences.put": T.Preferences;
  "users.people": T.People;
  "users.list": T.UserList;
  "users.add": T.UserList;
  "users.disable": T.UserList;
  "users.enable": T.UserList;
  "users.set_role": T.UserList;
  "users.reset_password": T.UserList;
  "accounts.list": T.AccountList;
  "accounts.add_wechat": T.AccountView;
  "accounts.self_test": T.SelfTest;
  "keys.list": T.KeyList;
  "keys.refresh": T.KeyList;
  "keys.rehearse": T.Rehearsal;
  "keys.changes": T.KeyChanges;
  "xray.inspect": T.XrayReport;
  "xray.example": T.XrayExample;
  "orders.search": T.OrderPage;
  "orders.totals": T.OrderTotals;
  "orders.recognise": T.Recognised;
  "orders.detail": T.OrderDetail;
  "orders.query_channel": T.OrderDetail;
  "orders.lookup": T.OrderDetail;
  "orders.reveal_payer": T.RevealedPayer;
  "orders.evidence": T.FileView;
  "orders.close": T.OrderDetail;
  "search.find": T.Found;
  "refunds.open": T.RefundForm;
  "refunds.form": T.RefundForm;
  "refunds.preflight": T.Preflight;
  "refunds.save_draft": T.Nothing;
  "refunds.request": T.RefundView;
  "refunds.withdraw": T.RefundView;
  "refunds.list": T.RefundPage;
  "refunds.detail": T.RefundView;
  "refunds.query_channel": T.RefundView;
  "approvals.queue": T.ApprovalQueue;
  "approvals.approve": T.RefundView;
  "approvals.recall": T.RefundView;
  "approvals.reject": T.RefundView;
  "bills.calendar": T.BillCalendar;
  "bills.fetch": T.BillView;
  "bills.fetch_missing": T.FetchMissingResult;
  "bills.detail": T.BillView;
  "bills.lines": T.BillLines;
  "bills.raw": T.BillRaw;
  "bills.export": T.FileView;
  "books.import": T.BooksView;
  "books.ways": T.BooksWays;
  "books.preview": T.BooksPreview;
  "books.save_mapping": T.BooksWays;
  "books.use_mapping": T.BooksWays;
  "books.remove_mapping": T.BooksWays;
  "books.export_mapping": T.FileView;
  "books.read_mapping": T.BookMapping;
  "books.save_source": T.BooksWays;
  "books.remove_source": T.BooksWays;
  "books.sample_source": T.FileView;
  "books.import_source": T.BooksView;
  "books.add_key": T.BooksWays;
  "books.remove_key": T.BooksWays;
  "recon.day": T.ReconDay;
  "recon.run": T.ReconView;
  "recon.differences": T.DifferencePage;
  "recon.difference": T.DifferenceDetail;
  "recon.evidence": T.EvidenceFile;
  "recon.resolve": T.BatchResult;
  "recon.decide": T.BatchResult;
  "recon.resolutions": T.ResolutionPage;
  "recon.reverse": T.BatchResult;
  "recon.export": T.FileView;
  "recon.pool": T.PoolView;
  "recon.pool_differences": T.DifferencePage;
  "recon.carried": T.CarriedPage;
  "recon.rules": T.RuleSetsView;
  "recon.propose_rules": T.RuleSetsView;
  "recon.decide_rules": T.RuleSetsView;
  "recon.withdraw_rules": T.RuleSetsView;
  "recon.export_rules": T.FileView;
  "recon.read_rules": T.RuleBody;
  "recon.back_test": T.BackTestView;
  "recon.back_test_items": T.BackTestItems;
  "recon.export_back_test": T.FileView;
  "recon.compare_files": T.CompareView;
  "recon.flow": T.FlowDay;
  "recon.tie_flow": T.FlowDay;
  "recon.name_entries": T.FlowDay;
  "recon.unname_entry": T.FlowDay;
  "recon.bank_statements": T.BankStatements;
  "recon.import_bank": T.BankStatementView;
  "recon.withdraw_bank": T.BankStatements;
  "recon.confirm_bank": T.FlowDay;
  "recon.undo_bank": T.FlowDay;
  "close.board": T.CloseBoard;
  "close.sign_maker": T.CloseView;
  "close.sign_checker": T.CloseView;
  "close.ask_reopening": T.CloseView;
  "close.reopen": T.CloseView;
  "close.keep_closed": T.CloseView;
  "close.return_to_maker": T.CloseView;
  "close.export": T.FileView;
  "close.preview": T.CloseReportView;
  "close.report": T.CloseReportFile;
  "desk.overview": T.DeskOverview;
  "desk.month": T.DeskMonth;
  "receipts.issue": T.ReceiptView;
  "receipts.list": T.ReceiptPage;
  "receipts.file": T.FileView;
  "receipts.verify": T.ReceiptVerification;
  "receipts.try_altered": T.ReceiptVerification;
  "settings.rules": T.RulesView;
  "settings.set_rules": T.RulesView;
  "settings.schedule": T.ScheduleView;
  "settings.set_schedule": T.ScheduleView;
  "settings.three_way": T.ThreeWayView;
  "settings.set_three_way": T.ThreeWayView;
  "access.review": T.AccessReview;
  "receipts.issue_batch": T.BatchView;
  "receipts.continue_batch": T.BatchView;
  "receipts.batches": T.BatchList;
  "receipts.batch_rows": T.BatchRows;
  "exports.start": T.ExportView;
  "exports.again": T.ExportView;
  "exports.list": T.ExportList;
  "exports.file": T.FileView;
  "exports.remove": T.ExportView;
  "audit.page": T.AuditPage;
  "audit.names": T.AuditNames;
  "audit.verify": T.AuditVerdict;
}

