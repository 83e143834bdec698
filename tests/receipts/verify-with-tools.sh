#!/usr/bin/env bash
# Checks a receipt with other people's tools: OpenSSL for digest, signature and chain; qpdf, poppler
# and zbar for the file. Nothing of this project takes part.
#
#   verify-with-tools.sh RECEIPT.pdf ROOT.pem
#
# One line a check. Exit 0 when all hold, 1 when one does not, 2 on wrong usage, 3 when a tool is
# missing.
set -u

if [ $# -ne 2 ] || [ ! -r "$1" ] || [ ! -r "$2" ]; then
    echo "usage: $0 RECEIPT.pdf ROOT.pem (both readable)" >&2
    exit 2
fi
pdf=$(realpath "$1")
root=$(realpath "$2")

missing=0
need() { # tool, Debian package
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "MISSING  $1: install the package $2" >&2
        missing=1
    fi
}
need openssl openssl
need qpdf qpdf
need pdfsig poppler-utils
need pdfdetach poppler-utils
need pdftoppm poppler-utils
need pdftotext poppler-utils
need pdffonts poppler-utils
need zbarimg zbar-tools
need perl perl-base
[ "$missing" -eq 0 ] || exit 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3

failed=0
check() { # description, then the command
    local what=$1
    shift
    if "$@" >out.txt 2>&1; then
        echo "ok    $what"
    else
        echo "FAIL  $what"
        sed 's/^/        /' out.txt | head -8
        failed=1
    fi
}
same() { [ -n "$1" ] && [ "$1" = "$2" ] || { echo "“$1” is not “$2”"; return 1; }; }
contains() { grep -q -- "$2" "$1" || { echo "“$2” is not in:"; cat "$1"; return 1; }; }

id=distid:1234567812345678

# --- the parts of the file ---------------------------------------------------------------------
read -r S A B C < <(grep -a -o '/ByteRange *\[[^]]*\]' "$pdf" | tail -1 | tr -dc '0-9 ' | awk '{print $1,$2,$3,$4}')
if [ -z "${C:-}" ]; then
    echo "FAIL  the file holds a ByteRange"
    exit 1
fi
size=$(stat -c %s "$pdf")
check "the signature covers the file from its first byte to its last" same "$S $((B + C))" "0 $size"
{ head -c "$A" "$pdf"; tail -c +"$((B + 1))" "$pdf"; } >content.bin
gap=$(tail -c +"$((A + 1))" "$pdf" | head -c "$((B - A))")
check "the gap is one hexadecimal string" bash -c '[[ $1 =~ ^\<[0-9a-fA-F]+\>$ ]]' - "$gap"
printf '%s' "${gap:1:${#gap}-2}" | perl -ne 'print pack("H*", $_)' >hole.der
# The hole may be a little larger than the envelope: cut by the envelope's own length.
length=$(openssl asn1parse -inform DER -in hole.der 2>/dev/null | sed -n '1s/.*hl=\([0-9]*\) *l= *\([0-9]*\).*/\1 \2/p' | awk '{print $1+$2}')
head -c "${length:-0}" hole.der >sig.der
openssl asn1parse -inform DER -in sig.der >tree.txt 2>/dev/null

# Signed attributes: stored under [0], signed under SET.
read -r O H L < <(sed -n 's/^ *\([0-9]*\):d=5 *hl=\([0-9]*\) l= *\([0-9]*\) cons: cont \[ 0 \].*/\1 \2 \3/p' tree.txt)
{ printf '\x31'; tail -c +"$((O + 2))" sig.der | head -c "$((H + L - 1))"; } >attrs.der
read -r P Q R < <(sed -n 's/^ *\([0-9]*\):d=5 *hl=\([0-9]*\) l= *\([0-9]*\) prim: OCTET STRING.*/\1 \2 \3/p' tree.txt)
tail -c +"$((P + Q + 1))" sig.der | head -c "$R" >sig.bin

# Certificates: the members of the [0] at depth 3.
n=0
while read -r at header rest; do
    n=$((n + 1))
    tail -c +"$((at + 1))" sig.der | head -c "$((header + rest))" >"cert$n.der"
    openssl x509 -inform DER -in "cert$n.der" -out "cert$n.pem" 2>/dev/null
done < <(awk '/:d=3 .*cont \[ 0 \]/ {on=1; next} /:d=3 / {on=0} on && /:d=4 .*SEQUENCE/' tree.txt |
    sed -n 's/^ *\([0-9]*\):d=4 *hl=\([0-9]*\) l= *\([0-9]*\).*/\1 \2 \3/p')
check "the envelope brings the signer's and the issuing certificate" test "$n" -ge 2
openssl x509 -in cert1.pem -noout -pubkey >pub.pem 2>/dev/null

# --- OpenSSL -----------------------------------------------------------------------------------
hash=$(openssl dgst -sm3 content.bin | awk '{print toupper($NF)}')
signed=$(openssl asn1parse -inform DER -in attrs.der | grep -A2 messageDigest | sed -n 's/.*DUMP\]://p')
check "OpenSSL: SM3 of the covered bytes is the signed digest" same "$hash" "$signed"
check "OpenSSL: SM2 signature over the signed attributes" \
    openssl dgst -sm3 -verify pub.pem -sigopt "$id" -signature sig.bin attrs.der
# One link each: with -untrusted OpenSSL gives the user id to the leaf only.
check "OpenSSL: the root vouches for the issuing certificate" \
    openssl verify -vfyopt "$id" -CAfile "$root" cert2.pem
check "OpenSSL: the issuing certificate vouches for the signer" \
    openssl verify -vfyopt "$id" -partial_chain -CAfile cert2.pem cert1.pem

# --- the file ----------------------------------------------------------------------------------
check "qpdf: structure" qpdf --check "$pdf"
pdfsig "$pdf" >pdfsig.txt 2>&1
check "poppler: one signature, total document signed" contains pdfsig.txt "Total document signed"
check "poppler: exactly one signature" same "$(grep -c '^Signature #' pdfsig.txt)" 1
pdffonts "$pdf" >fonts.txt 2>&1
check "poppler: every font is embedded, subset and mapped to Unicode" \
    same "$(tail -n +3 fonts.txt | grep -c -v 'yes yes yes')" 0
check "poppler: the attachment can be taken out" pdfdetach -save 1 -o receipt.json "$pdf"
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" receipt.json; }
pdftotext -layout "$pdf" page.txt 2>/dev/null
check "poppler: the page says that it is no bank receipt" contains page.txt "不是银行回单"
check "poppler: the page shows the attached amount" contains page.txt "$(field amount_text)"
check "poppler: the page shows the attached number" contains page.txt "$(field serial_no)"
printed=$(grep -o 'SM3 *\([0-9a-f]\{4\} \{0,1\}\)\{16\}' page.txt | sed 's/^SM3//' | tr -d ' ')
check "OpenSSL: the printed digest is that of the attachment" \
    same "$(openssl dgst -sm3 receipt.json | awk '{print $NF}')" "$printed"
pdftoppm -r 200 -png "$pdf" page >/dev/null 2>&1
qr=$(zbarimg -q --raw page-1.png 2>/dev/null)
check "zbar: the QR code reads as attached" same "$qr" "$(field qr_payload)"
if command -v mutool >/dev/null 2>&1; then
    mutool draw -q -F txt -o mutool.txt "$pdf" 2>&1 |
        grep -v 'ICC support is not available' >mutool.err
    check "mutool: reads the page without a warning" same "$(wc -c <mutool.err)" 0
fi

if [ "$failed" -eq 0 ]; then
    echo "ALL CHECKS HOLD"
else
    echo "SOME CHECKS FAILED"
fi
exit "$failed"
