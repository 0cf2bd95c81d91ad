# Build the one-folder program for Windows, check it, and pack it: packaging\windows\build.ps1 [FOLDER]
param([string]$Out = "dist")
$ErrorActionPreference = "Stop"
$PSNativeCommandUseErrorActionPreference = $true # PowerShell 7.4 or newer: a command that fails ends the script
Set-Location (Join-Path $PSScriptRoot "..\..")
$work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
New-Item -ItemType Directory -Force $work, $Out | Out-Null
try {
    py -m venv "$work\venv"
    $python = "$work\venv\Scripts\python.exe"
    & $python -m pip install --quiet torch torchvision --index-url https://download.pytorch.org/whl/cpu
    & $python -m pip install --quiet -c constraints.txt ".[film,onnx,faces]" "pyinstaller>=6.22"
    & $python -m PyInstaller --noconfirm --distpath "$work\dist" --workpath "$work\build" packaging\lsd-studio.spec

    & $python packaging\check_program.py "$work\dist\lsd-studio"

    $archive = Join-Path $Out "lsd-studio-windows-$env:PROCESSOR_ARCHITECTURE.zip"
    Compress-Archive -Force -Path "$work\dist\lsd-studio" -DestinationPath $archive
}
finally {
    Remove-Item -Recurse -Force $work
}
