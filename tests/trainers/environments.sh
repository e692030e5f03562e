#!/bin/sh
# One environment for each trainer: their pins exclude each other. Made once, under FOLDER.
# The CPU build of torch is asked for first, so that nothing later brings another one.
set -eu
FOLDER=$1
PYTHON=${PYTHON:-python3}
TORCH=torch==2.13.0

make_one() {
  name=$1
  shift
  if [ -e "$FOLDER/$name/.done" ]; then return; fi
  echo "setting up $name ..."
  "$PYTHON" -m venv "$FOLDER/$name"
  "$FOLDER/$name/bin/pip" install -qq --disable-pip-version-check --no-compile "$TORCH"
  "$FOLDER/$name/bin/pip" install -qq --disable-pip-version-check --no-compile "$@"
  touch "$FOLDER/$name/.done"
}

# what is only unpacked beside TRL's environment: its own pins would want another one
beside() {
  name=$1
  shift
  if [ -e "$FOLDER/$name/.done" ]; then return; fi
  echo "unpacking $name ..."
  "$FOLDER/trl/bin/pip" install -qq --disable-pip-version-check --no-compile --no-deps \
    --target "$FOLDER/$name" "$@"
  touch "$FOLDER/$name/.done"
}

mkdir -p "$FOLDER"
make_one trl trl==1.16.0 transformers==5.23.0 datasets==5.2.0 polars pandas
make_one llamafactory datasets==4.0.0 transformers==5.6.0 trl==0.24.0 accelerate==1.11.0 \
  peft==0.18.1 omegaconf tyro==0.8.14 av sentencepiece tiktoken pillow torchdata==0.11.0 fire \
  scipy einops matplotlib
if [ ! -e "$FOLDER/llamafactory/.itself" ]; then
  "$FOLDER/llamafactory/bin/pip" install -qq --disable-pip-version-check --no-deps \
    llamafactory==0.9.5
  touch "$FOLDER/llamafactory/.itself"
fi
make_one swift ms-swift==4.6.0
beside axolotl axolotl==0.19.0 colorama addict
beside torchtune torchtune==0.6.1 torchao==0.10.0 torchdata==0.11.0 omegaconf \
  antlr4-python3-runtime==4.9.3 sentencepiece tiktoken blobfile kagglehub
