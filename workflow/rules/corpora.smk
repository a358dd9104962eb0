# The two corpora: downloaded, synthesised, or already in a folder; then packed for training.


# The nodes of a cluster often have no access to the internet, and the archives' server prefers one client.
# The output is a receipt, not the archive: Snakemake deletes outputs before it repeats a job, but a complete archive is
# to be verified and a partial one to be continued. Receipts are deleted after unpacking, so that nothing is fetched again
# whatever happens to the archives. The job itself retries where that can help.
rule download_archive:
    output:
        temp(f"{DOWNLOADS}/{{archive}}.md5"),
    log:
        f"{DOWNLOADS}/logs/{{archive}}.log",
    benchmark:
        f"{DOWNLOADS}/benchmarks/download_archive/{{archive}}.tsv"
    retries: 0
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=per_attempt(BASE_MB),
        runtime=per_attempt(720),
    message:
        "Downloading {wildcards.archive}"
    script:
        "../scripts/download_archive.py"


if EXPERIMENT.scenes.source == "download":

    rule unpack_scenes:
        input:
            get_scene_archives,
        output:
            f"{SCENES}/unpacked.txt",
        log:
            f"{SCENES}/logs/unpack_scenes.log",
        benchmark:
            f"{SCENES}/benchmarks/unpack_scenes.tsv"
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=per_attempt(BASE_MB + 500),
            runtime=per_attempt(unpacking_minutes(tau2019.ARCHIVES_GB)),
        params:
            archives=list(tau2019.ARCHIVES),
        message:
            "Unpacking the scene recordings"
        script:
            "../scripts/unpack_scenes.py"


if EXPERIMENT.events.source == "download":

    rule unpack_events:
        input:
            get_event_archives,
        output:
            f"{EVENTS}/unpacked.txt",
        log:
            f"{EVENTS}/logs/unpack_events.log",
        benchmark:
            f"{EVENTS}/benchmarks/unpack_events.tsv"
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=per_attempt(BASE_MB + 500),
            runtime=per_attempt(unpacking_minutes(fsdkaggle2019.ARCHIVES_GB)),
        params:
            archives=list(fsdkaggle2019.ARCHIVES),
        message:
            "Unpacking the event recordings"
        script:
            "../scripts/unpack_events.py"


if EXPERIMENT.scenes.source == "demo":

    rule make_demo_scenes:
        output:
            f"{SCENES}/unpacked.txt",
        log:
            f"{SCENES}/logs/make_demo_scenes.log",
        benchmark:
            f"{SCENES}/benchmarks/make_demo_scenes.tsv"
        priority: 10
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=per_attempt(BASE_MB + 500),
            runtime=per_attempt(30),
        params:
            audio=get_params(EXPERIMENT.scenes.audio),
            demo=get_params(EXPERIMENT.scenes.demo),
        message:
            "Synthesising scene recordings"
        script:
            "../scripts/make_demo_scenes.py"


if EXPERIMENT.events.source == "demo":

    rule make_demo_events:
        output:
            f"{EVENTS}/unpacked.txt",
        log:
            f"{EVENTS}/logs/make_demo_events.log",
        benchmark:
            f"{EVENTS}/benchmarks/make_demo_events.tsv"
        priority: 10
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=per_attempt(BASE_MB + 500),
            runtime=per_attempt(30),
        params:
            sample_rate=EXPERIMENT.events.mel.sample_rate,
            demo=get_params(EXPERIMENT.events.demo),
        message:
            "Synthesising event recordings"
        script:
            "../scripts/make_demo_events.py"


# Packing verifies the recordings. It has priority, so that a bad file is found before anything is trained. The number of
# the recordings' content and not their place or time decides whether it is repeated.
rule pack_scenes:
    input:
        get_scenes_receipt,
    output:
        verified=f"{SCENES}/verified.csv",
        clips=f"{SCENES}/clips.csv",
        waveforms=f"{SCENES}/waveforms.npy",
        digest=f"{SCENES}/digest.txt",
        sources=update(f"{SCENES}/sources.csv"),
    log:
        f"{SCENES}/logs/pack_scenes.log",
    benchmark:
        f"{SCENES}/benchmarks/pack_scenes.tsv"
    priority: 10
    conda:
        "../../envs/tagasc.yaml"
    threads: 8
    resources:
        mem_mb=get_packing_mem,
        runtime=get_scene_packing_minutes,
    params:
        audio=get_params(EXPERIMENT.scenes.audio),
        on_mismatch=EXPERIMENT.scenes.on_mismatch,
        revision=get_scenes_revision,
    message:
        "Verifying and packing the scene recordings"
    script:
        "../scripts/pack_scenes.py"


rule pack_events:
    input:
        get_events_receipt,
    output:
        verified=f"{EVENTS}/verified.csv",
        clips=f"{EVENTS}/clips.csv",
        labels=f"{EVENTS}/labels.csv",
        mel_power=f"{EVENTS}/mel_power.npy",
        digest=f"{EVENTS}/digest.txt",
        sources=update(f"{EVENTS}/sources.csv"),
    log:
        f"{EVENTS}/logs/pack_events.log",
    benchmark:
        f"{EVENTS}/benchmarks/pack_events.tsv"
    priority: 10
    conda:
        "../../envs/tagasc.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=get_packing_mem,
        runtime=get_event_packing_minutes,
    params:
        mel=get_params(EXPERIMENT.events.mel),
        on_mismatch=EXPERIMENT.events.on_mismatch,
        drop=EXPERIMENT.events.drop,
        revision=get_events_revision,
    message:
        "Verifying the event recordings and computing their mel power"
    script:
        "../scripts/pack_events.py"
