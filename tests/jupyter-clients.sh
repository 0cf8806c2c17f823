#!/usr/bin/env bash
# Runs the notebooks and shows a chart in real Jupyter clients, from Debian's packages: nbconvert, the classic Notebook, Chromium.
# Everything after the build happens without a network. Results: artifacts/jupyter, with pictures to look at.
#
#   tests/jupyter-clients.sh [--install] [--epochs N] [--quick]
#
#   --install    first installs the packages it needs (Debian, as root)
#   --epochs N   how long the networks of the notebooks are trained (1)
#   --quick      one chart only, not the notebooks
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/artifacts/jupyter epochs=1 lessons='0*.ipynb'

if [ "${1:-}" != --cut ]; then
    while [ $# -gt 0 ]; do
        case $1 in
            --install) apt-get update -qq; apt-get install -y -qq jupyter-client python3-nbclient jupyter-nbconvert jupyter-nbformat jupyter-notebook chromium iproute2 >/dev/null ;;
            --epochs) epochs=$2; shift ;;
            --quick) lessons= ;;
            *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
        esac
        shift
    done
    for program in jupyter-nbconvert jupyter-notebook jupyter-trust chromium ip unshare; do
        command -v $program >/dev/null || { echo "$program is missing; --install installs it."; exit 2; }
    done
    dotnet build lib/AttentionLab.Host -v q
    rm -rf "$here"
    mkdir -p "$here"
    exec unshare --net --map-root-user "$0" --cut "$epochs" "$lessons"
fi

epochs=$2 lessons=$3
ip link set lo up
export HOME=$here/home JUPYTER_PATH=$here/share/jupyter OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$HOME"
dotnet lib/AttentionLab.Host/bin/Debug/net10.0/AttentionLab.Host.dll install --prefix "$here"
jupyter kernelspec list

# The notebooks name ../lib and ../data: a copy finds the first and leaves the second of the repository alone.
ln -s "$PWD/lib" "$here/lib"
mkdir "$here/data"
ln -s "$PWD/data/trained" "$here/data/trained"
cp -r notebooks "$here/notebooks"
cd "$here/notebooks"
sed -i "s/int epochs = [0-9]*/int epochs = $epochs/" *.ipynb
cat >chart.ipynb <<'NOTEBOOK'
{ "nbformat": 4, "nbformat_minor": 4,
  "metadata": { "kernelspec": { "name": ".net-csharp", "display_name": ".NET (C#)", "language": "C#" } },
  "cells": [ { "cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": [
    "#r \"../lib/AttentionLab/bin/AttentionLab.dll\"\n",
    "using AttentionLab.Figures;\n",
    "new LineChart(new LineSeries(\"plain\", [1, 2, 3, 4], [52.1, 61.0, 66.3, 68.2]), new LineSeries(\"attention\", [1, 2, 3, 4], [54.0, 64.2, 68.8, 71.5]))\n",
    "    { Title = \"It's a <chart> & more\", XTitle = \"Epoch\", YTitle = \"Accuracy (%)\", IntegerX = true }" ] } ] }
NOTEBOOK

for notebook in chart.ipynb $lessons; do
    echo "nbconvert: $notebook"
    jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.timeout=3600 --log-level WARN "$notebook"
    jupyter nbconvert --to html --log-level WARN --output-dir "$here/html" "$notebook"
    jupyter trust "$notebook" >/dev/null
done

/usr/bin/python3 ../../../tests/kernel-times.py ../lib/AttentionLab/bin/AttentionLab.dll 2>/dev/null

screenshot() { # name, width, height, address
    timeout 300 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$HOME/chromium" \
        --virtual-time-budget=20000 --window-size="$2,$3" --screenshot="$here/$1.png" "$4" >/dev/null 2>&1
    echo "picture: $here/$1.png"
}

jupyter notebook --allow-root --no-browser --port 8899 --NotebookApp.token=t --NotebookApp.password= >"$here/notebook.log" 2>&1 &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 60); do grep -q 'is running at' "$here/notebook.log" && break; sleep 0.5; done

screenshot notebook-chart 1100 900 'http://127.0.0.1:8899/notebooks/chart.ipynb?token=t'
[ -z "$lessons" ] || screenshot notebook-lesson 1100 5000 'http://127.0.0.1:8899/notebooks/03-training-in-the-open.ipynb?token=t'
screenshot nbconvert-chart 1000 700 "file://$here/html/chart.html"

timeout 300 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$HOME/chromium" --virtual-time-budget=20000 --dump-dom \
    'http://127.0.0.1:8899/notebooks/chart.ipynb?token=t' 2>/dev/null >"$here/chart.dom"
grep -q 'class="[^"]*js-plotly-plot' "$here/chart.dom" || { echo "The Notebook did not draw the interactive chart."; exit 1; }
echo "The Notebook drew the interactive chart without a network."
