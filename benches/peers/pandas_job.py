"""The job in pandas: both files to the seven counts."""

import json
import sys

import pandas as pd

bill, ledger = sys.argv[1:3]
wanted = ["商户订单号", "交易状态", "商户退款单号", "退款状态", "订单金额", "申请退款金额"]
theirs = pd.read_csv(
    bill,
    usecols=wanted,
    dtype="str",
    quoting=3,
    engine="c",
    encoding="utf-8-sig",
    na_filter=False,
)
# The summary at the end has fewer columns.
theirs = theirs[theirs["退款状态"].fillna("") != ""]
refund = theirs["交易状态"] == "`REFUND"
theirs = pd.DataFrame(
    {
        "refund": refund,
        "number": theirs["商户退款单号"].where(refund, theirs["商户订单号"]).str[1:],
        "minor": theirs["申请退款金额"]
        .where(refund, theirs["订单金额"])
        .str[1:]
        .str.replace(".", "", regex=False)
        .astype("int64"),
        "done": (theirs["交易状态"] == "`SUCCESS")
        | theirs["退款状态"].isin(["`SUCCESS", "`PROCESSING"]),
    }
)
ours = pd.read_csv(
    ledger,
    usecols=["kind", "out_trade_no", "out_refund_no", "amount", "status"],
    dtype="str",
    engine="pyarrow",
    keep_default_na=False,
)
back = ours["kind"] == "refund"
ours = pd.DataFrame(
    {
        "refund": back,
        "number": ours["out_refund_no"].where(back, ours["out_trade_no"]),
        "minor": ours["amount"].str.replace(".", "", regex=False).astype("int64"),
        "done": ours["status"].isin(["SUCCESS", "REFUND"]) | (back & (ours["status"] == "PROCESSING")),
    }
)
key = ["refund", "number"]


def first_of_each(rows):
    again = rows.duplicated(key)
    return int(again.sum()), rows[~again]


bill_again, theirs = first_of_each(theirs)
ledger_again, ours = first_of_each(ours)
both = theirs.merge(ours, on=key, how="outer", suffixes=("_bill", "_ledger"), indicator=True)
paired = both["_merge"] == "both"
same_amount = both["minor_bill"] == both["minor_ledger"]
same_state = both["done_bill"] == both["done_ledger"]
print(
    json.dumps(
        {
            "matched": int((paired & same_amount & same_state).sum()),
            "missing_in_ledger": int((both["_merge"] == "left_only").sum()),
            "missing_in_channel": int(((both["_merge"] == "right_only") & (both["done_ledger"] == True)).sum()),
            "amount_mismatch": int((paired & ~same_amount & same_state).sum()),
            "status_mismatch": int((paired & ~same_state).sum()),
            "duplicate_in_channel": bill_again,
            "duplicate_in_ledger": ledger_again,
        }
    )
)
